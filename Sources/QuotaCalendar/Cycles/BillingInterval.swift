/// How far apart the boundaries of a billing cycle lie.
public enum BillingInterval: String, Hashable, Sendable, CaseIterable {
    /// A day on the wall clock: 23, 24 or 25 hours, or what else the zone does.
    case day
    /// Seven such days.
    case week
    /// A calendar month.
    case month
    /// Twelve calendar months, also a fiscal year.
    case year
}
