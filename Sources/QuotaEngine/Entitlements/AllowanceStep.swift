import QuotaCalendar
public import QuotaModel

/// What a budget gives from an instant on, since the tenant's plan changed then.
public struct AllowanceStep: Hashable, Sendable {
    /// The first instant at which it holds.
    public let since: Timestamp
    /// The units per period; nil is unlimited.
    public let quantity: Int64?

    /// Creates a step.
    public init(since: Timestamp, quantity: Int64?) {
        self.since = since
        self.quantity = quantity
    }
}

extension CompiledLimit {
    /// The units that the limit gives in a period, as far as is known at an instant; nil is
    /// unlimited.
    ///
    /// A plan that changes within the period adds or takes the difference for the rest of it only:
    /// `floor(difference × remaining / total)`. It follows from the changes alone, whenever and how
    /// often anybody asks.
    public func quantity(in period: Period, at now: Timestamp) -> Int64? {
        guard let first = steps.first else { return limit.quantity }
        var quantity = first.quantity
        for step in steps.dropFirst() where step.since <= now {
            let isWhole = step.since <= period.start || period == .lifetime
            guard !isWhole, step.since < period.end, let before = quantity,
                let old = previous(step)?.quantity, let new = step.quantity,
                let change = try? PlanChange(from: old, to: new, downgrade: .immediately)
            else {
                // What begins with the period holds for all of it; from and to no limit at all
                // there is no difference to divide.
                quantity = step.since < period.end ? step.quantity : quantity
                continue
            }
            let effect = change.effect(at: step.since, in: period)
            quantity = max(0, (try? effect.applied(toCapacity: before)) ?? before)
        }
        return quantity
    }

    private func previous(_ step: AllowanceStep) -> AllowanceStep? {
        steps.last { $0.since < step.since }
    }
}
