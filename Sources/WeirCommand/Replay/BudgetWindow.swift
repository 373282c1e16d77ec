import QuotaModel

/// The windows in which use only grows, so that a new tenant's use is all of its use.
///
/// Rates (second, minute, hour) leak, and allocations have no window: neither can be compared
/// with a sum.
enum BudgetWindow: String {
    case day
    case week
    case month
    case year
    case lifetime

    /// True when both instants lie in one period, for a tenant in UTC without a billing anchor.
    func contains(_ start: Timestamp, _ end: Timestamp) -> Bool {
        let (first, last) = (start.date, end.date)
        return switch self {
        case .day: first == last
        case .week: Self.week(first) == Self.week(last)
        case .month: (first.year, first.month) == (last.year, last.month)
        case .year: first.year == last.year
        case .lifetime: true
        }
    }

    /// Weeks since the one of 1970-01-01, a Thursday; they begin on Monday.
    private static func week(_ date: CivilDate) -> Int64 {
        (date.daysSinceEpoch + 3).flooredDivision(by: 7)
    }
}
