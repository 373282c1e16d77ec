import QuotaModel

/// A limit as the naive count sees it.
struct NaiveLimit: Sendable {
    enum Span: Hashable, Sendable {
        case day, month, lifetime
        /// A bucket that fills by `quantity` in this many nanoseconds and holds `burst`.
        case rate(nanoseconds: Int64, burst: Int64)
    }

    let meter: MeterID
    let span: Span
    /// The units allowed; nil is unlimited.
    let quantity: Int64?
    /// Whether it refuses.
    let isEnforced: Bool

    /// Where the period of an instant begins; nil for rates.
    func periodStart(_ now: Timestamp) -> Timestamp? {
        switch span {
        case .day: now.date.startUTC
        case .month: CivilDate(year: now.date.year, month: now.date.month, day: 1)?.startUTC
        case .lifetime: .distantPast
        case .rate: nil
        }
    }

    /// Where the period that begins at `start` ends.
    func periodEnd(_ start: Timestamp) -> Timestamp {
        switch span {
        case .day: return start.adding(nanoseconds: 86_400_000_000_000)
        case .month:
            let date = start.date
            let next = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
            return CivilDate(year: next.0, month: next.1, day: 1)?.startUTC ?? .distantFuture
        case .lifetime, .rate: return .distantFuture
        }
    }
}
