package import QuotaModel

/// The `Date` field, made once a second.
///
/// Source: RFC 9110, section 5.6.7 (IMF-fixdate).
package struct HTTPDate: Sendable {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var second: Int64?
    private var made = ""

    /// Has made none yet.
    package init() {}

    /// An instant as HTTP writes it: `Sat, 21 Nov 2026 10:00:00 GMT`.
    package mutating func text(_ instant: Timestamp) -> String {
        if second == instant.seconds { return made }
        second = instant.seconds
        // RFC 3339 has the same parts in another order.
        let parts = instant.description
        let weekday = Self.days[Int(((instant.date.daysSinceEpoch % 7) + 7) % 7)]
        let month = Self.months[(Int(parts.dropFirst(5).prefix(2)) ?? 1) - 1]
        made =
            "\(weekday), \(parts.dropFirst(8).prefix(2)) \(month) \(parts.prefix(4)) "
            + "\(parts.dropFirst(11).prefix(8)) GMT"
        return made
    }
}
