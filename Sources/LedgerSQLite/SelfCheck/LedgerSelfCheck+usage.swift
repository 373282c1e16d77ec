import QuotaLedger
import QuotaModel

// Events, hours, days and totals.
extension LedgerSelfCheck {
    /// As how many rows the queries of a day count, which take about as long.
    private static let rowsOfQueries = 20

    /// Compares the days that come next, of as many tenants as a slice has room for.
    mutating func readDays(
        _ database: ReadOnlyDatabase,
        after place: UsagePlace?
    ) throws(LedgerError) {
        let reading = UsageReading(database)
        var check = usage ?? UsageCheck(rules: [:])
        // They may have changed since the last slice.
        check.rules = try reading.rules()
        var place = place
        var rows = 0
        while rows < maximumRows, let next = try Self.day(database, after: place) {
            let before = check.taken
            try reading.take(dayOf: next.tenant, next.date, &check)
            rows += check.taken - before + Self.rowsOfQueries
            place = next
        }
        usage = check
        stage = rows < maximumRows ? .totals(after: "") : .days(after: place)
    }

    /// The first day with an event or an hour after another, in the order of tenants and days.
    private static func day(
        _ database: ReadOnlyDatabase,
        after place: UsagePlace?
    ) throws(LedgerError) -> UsagePlace? {
        let cursor: [RowCursor.Value] = [
            .text(place?.tenant ?? ""), .integer(place?.end ?? .min),
        ]
        let rows = try RowCursor(
            """
            SELECT * FROM (
                SELECT tenant, admitted_at_ns AS at_ns FROM events
                WHERE (tenant, admitted_at_ns) >= (?1, ?2)
                ORDER BY tenant, admitted_at_ns LIMIT 1)
            UNION ALL
            SELECT * FROM (
                SELECT tenant, hour_ns AS at_ns FROM hourly_usage
                WHERE (tenant, hour_ns) >= (?1, ?2)
                ORDER BY tenant, hour_ns LIMIT 1)
            ORDER BY 1, 2 LIMIT 1
            """, cursor, database)
        guard try rows.next() else { return nil }
        return UsagePlace(tenant: rows.text(0), date: rows.instant(1).date)
    }

    /// Counts the rows of the next date, and compares them with its totals.
    mutating func readTotals(
        _ database: ReadOnlyDatabase,
        after date: String
    ) throws(LedgerError) {
        let dates = try database.rows(
            """
            SELECT min(date) FROM (
                SELECT min(date) AS date FROM daily_meter_usage WHERE date > ?1
                UNION ALL SELECT min(date) FROM daily_meter_totals WHERE date > ?1)
            """, .text(date))
        guard try dates.next(), let text = dates.optionalText(0) else {
            stage = .end
            return
        }
        stage = .totals(after: text)
        var check = UsageCheck(rules: [:])
        defer { totals.take(check.totals) }
        guard let day = CivilDate(text) else {
            return check.takeUnreadable(date: text, in: "daily_meter_usage")
        }
        let rows = try database.rows(
            "SELECT meter, count(*) FROM daily_meter_usage WHERE date = ? GROUP BY meter",
            .text(text))
        while try rows.next() {
            check.take(
                rows: rows.integer(1), of: MeterID(trusted: rows.text(0)), on: day)
        }
        let stored = try database.rows(
            "SELECT meter, tenants FROM daily_meter_totals WHERE date = ?", .text(text))
        while try stored.next() {
            check.take(
                total: (day, MeterID(trusted: stored.text(0))), tenants: stored.integer(1))
        }
        check.finish()
    }
}
