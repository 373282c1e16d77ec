public import QuotaModel

/// Where the periods of an account come from: a cycle, or an explicit table.
public enum PeriodRule: Hashable, Sendable {
    /// Boundaries computed from an anchor; covers all time.
    case cycle(BillingCycle)
    /// Boundaries listed one by one; covers the table only.
    case table(BoundaryTable)

    /// The period that contains an instant, or nil outside an explicit table.
    public func period(containing instant: Timestamp) -> Period? {
        switch self {
        case .cycle(let cycle): cycle.period(containing: instant)
        case .table(let table): table.period(containing: instant)
        }
    }
}
