/// Dates of one winter, counted in seconds since 2026-11-01T00:00:00Z; months by a table.
enum NaiveCalendar {
    static let secondsPerDay: Int64 = 86_400
    private static let months: [(name: String, days: Int64)] = [
        ("2026-11", 30), ("2026-12", 31), ("2027-01", 31), ("2027-02", 28), ("2027-03", 31),
        ("2027-04", 30), ("2027-05", 31), ("2027-06", 30), ("2027-07", 31), ("2027-08", 31),
    ]

    /// The day that holds a second, from 0 on.
    static func day(_ second: Int64) -> Int64 { second / secondsPerDay }

    /// The month that holds a second, from 0 on.
    static func month(_ second: Int64) -> Int64 {
        var left = day(second)
        var month: Int64 = 0
        for entry in months {
            if left < entry.days { return month }
            left -= entry.days
            month += 1
        }
        return month
    }

    /// The first second of a month.
    static func startOfMonth(_ month: Int64) -> Int64 {
        months.prefix(Int(month)).reduce(0) { $0 + $1.days } * secondsPerDay
    }

    /// A second in the form of RFC 3339.
    static func text(_ second: Int64) -> String {
        let month = month(second)
        let date = day(second) - startOfMonth(month) / secondsPerDay + 1
        let rest = second % secondsPerDay
        let parts = [rest / 3600, rest / 60 % 60, rest % 60].map(twoDigits)
        return months[Int(month)].name + "-" + twoDigits(date) + "T"
            + parts.joined(separator: ":") + "Z"
    }

    private static func twoDigits(_ number: Int64) -> String {
        (number < 10 ? "0" : "") + String(number)
    }
}
