import QuotaModel

/// The field `Retry-After` of an answer.
///
/// Source: RFC 9110, 10.2.3 and 5.6.7: a number of seconds, or a date in the one form that may
/// still be sent. The two obsolete forms of dates are not read: the schedule then stands as it is.
enum RetryAfter {
    /// The longest value that is looked at.
    private static let maximumBytes = 64

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// How long the receiver asks to wait, in seconds and not below zero; nil where it can't be
    /// read.
    static func seconds(_ value: String, now: Timestamp) -> Int64? {
        guard value.utf8.count <= maximumBytes else { return nil }
        if !value.isEmpty, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            return Int64(value) ?? .max
        }
        guard let date = date(value) else { return nil }
        return max(0, date.nanoseconds(since: now) / 1_000_000_000)
    }

    /// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ value: String) -> Timestamp? {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT",
            let day = number(parts[1], 2), let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3], 4),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3,
            let hour = number(clock[0], 2), hour < 24,
            let minute = number(clock[1], 2), minute < 60,
            let second = number(clock[2], 2), second <= 60
        else { return nil }
        let seconds = Int64(hour * 3_600 + minute * 60 + second)
        return date.startUTC.adding(nanoseconds: seconds * 1_000_000_000)
    }

    private static func number(_ text: Substring, _ digits: Int) -> Int? {
        guard text.utf8.count == digits,
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return Int(text)
    }
}
