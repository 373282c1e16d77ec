import QuotaModel

/// A day of a tenant, in the order in which days are checked.
struct UsagePlace: Hashable, Sendable {
    let tenant: String
    let date: CivilDate

    /// The first instant after the day, in nanoseconds.
    var end: Int64 { (date.daysSinceEpoch + 1) * 86_400_000_000_000 }
}
