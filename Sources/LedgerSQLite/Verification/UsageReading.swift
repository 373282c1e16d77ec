import QuotaLedger
import QuotaModel

/// Feeds events, hours and days of one moment to their check, in the order of tenants and times.
struct UsageReading {
    private let database: ReadOnlyDatabase

    init(_ database: ReadOnlyDatabase) {
        self.database = database
    }

    /// Reads everything.
    func check() throws(LedgerError) -> UsageCheck {
        var check = UsageCheck(rules: try rules())
        try takeRows(&check)
        try takeTotals(&check)
        check.finish()
        return check
    }

    private func takeRows(_ check: inout UsageCheck) throws(LedgerError) {
        let events = try database.rows(
            """
            SELECT tenant, id, meter, units, key, model, admitted_at_ns
            FROM events ORDER BY tenant, admitted_at_ns
            """)
        let hours = try database.rows(
            """
            SELECT tenant, hour_ns, key, meter, model, units, postings
            FROM hourly_usage ORDER BY tenant, hour_ns
            """)
        let days = try database.rows(
            "SELECT tenant, date, meter, units FROM daily_meter_usage ORDER BY tenant, date, meter")
        try Self.take(events: events, hours: hours, days: days, &check)
    }

    /// Takes the rows of one day of a tenant.
    func take(
        dayOf tenant: String,
        _ date: CivilDate,
        _ check: inout UsageCheck
    ) throws(LedgerError) {
        let start = date.daysSinceEpoch * Self.dayNanoseconds
        let bounds: [RowCursor.Value] = [
            .text(tenant), .integer(start), .integer(start + Self.dayNanoseconds),
        ]
        let events = try RowCursor(
            """
            SELECT tenant, id, meter, units, key, model, admitted_at_ns FROM events
            WHERE tenant = ? AND admitted_at_ns >= ? AND admitted_at_ns < ?
            ORDER BY tenant, admitted_at_ns
            """, bounds, database)
        let hours = try RowCursor(
            """
            SELECT tenant, hour_ns, key, meter, model, units, postings FROM hourly_usage
            WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ? ORDER BY tenant, hour_ns
            """, bounds, database)
        // By the meters that exist, since the key of the table begins with date and meter.
        let days = try database.rows(
            """
            SELECT tenant, date, meter, units FROM daily_meter_usage
            WHERE date = ? AND tenant = ? AND meter IN (SELECT id FROM meters) ORDER BY meter
            """, .text(date.description), .text(tenant))
        try Self.take(events: events, hours: hours, days: days, &check)
        check.finishRows()
    }

    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    private static func take(
        events: RowCursor,
        hours: RowCursor,
        days: RowCursor,
        _ check: inout UsageCheck
    ) throws(LedgerError) {
        var event = try nextEvent(events)
        var hour = try nextHour(hours)
        var day = try nextDay(days, &check)
        while true {
            let places = (event?.place, hour?.place, day?.place)
            if let row = event, places.0.isFirst(places.1, places.2) {
                check.take(row)
                event = try nextEvent(events)
            } else if let row = hour, places.1.isFirst(places.2, nil) {
                check.take(row)
                hour = try nextHour(hours)
            } else if let row = day {
                check.take(row)
                day = try nextDay(days, &check)
            } else {
                break
            }
        }
    }

    /// What holds for each meter; a change of its recording is in the audit list.
    func rules() throws(LedgerError) -> [MeterID: MeterRule] {
        let rows = try database.rows(
            """
            SELECT id, kind, recording, (
                SELECT max(at_ns) FROM audit WHERE subject = meters.id AND action = 'meter.update')
            FROM meters
            """)
        var rules: [MeterID: MeterRule] = [:]
        while try rows.next() {
            let meter = Meter(
                id: MeterID(trusted: rows.text(0)),
                kind: Meter.Kind(rawValue: rows.text(1)) ?? .counter,
                recording: Meter.Recording(rawValue: rows.text(2)) ?? .hourly)
            let instant = rows.optionalInteger(3).map(Timestamp.init(nanoseconds:))
            rules[meter.id] = MeterRule(meter, changedAt: instant)
        }
        return rules
    }

    private static func nextEvent(_ rows: RowCursor) throws(LedgerError) -> UsageRow? {
        guard try rows.next() else { return nil }
        let admittedAt = rows.instant(6)
        return .event(
            UsageEvent(
                tenant: TenantID(trusted: rows.text(0)), id: rows.text(1),
                meter: MeterID(trusted: rows.text(2)), units: rows.integer(3), overage: 0,
                key: APIKeyID(trusted: rows.text(4)),
                model: rows.optionalText(5).map(ModelName.init(trusted:)),
                admittedAt: admittedAt, postedAt: admittedAt, adjusts: nil, idempotencyKey: nil,
                metadata: nil))
    }

    private static func nextHour(_ rows: RowCursor) throws(LedgerError) -> UsageRow? {
        guard try rows.next() else { return nil }
        let model = rows.text(4)
        return .hour(
            HourlyUsageKey(
                tenant: TenantID(trusted: rows.text(0)), key: APIKeyID(trusted: rows.text(2)),
                meter: MeterID(trusted: rows.text(3)),
                model: model.isEmpty ? nil : ModelName(trusted: model), hour: rows.instant(1)),
            UsageSum(units: rows.integer(5), postings: rows.integer(6)))
    }

    private static func nextDay(
        _ rows: RowCursor,
        _ check: inout UsageCheck
    ) throws(LedgerError) -> UsageRow? {
        while try rows.next() {
            let day = (tenant: rows.text(0), date: rows.text(1), meter: rows.text(2))
            guard let date = CivilDate(day.date) else {
                check.takeUnreadable(date: day.date, in: "daily_meter_usage")
                continue
            }
            return .day(
                MeterDay(
                    date: date, meter: MeterID(trusted: day.meter),
                    tenant: TenantID(trusted: day.tenant)), units: rows.integer(3))
        }
        return nil
    }

    private func takeTotals(_ check: inout UsageCheck) throws(LedgerError) {
        let rows = try database.rows("SELECT date, meter, tenants FROM daily_meter_totals")
        while try rows.next() {
            guard let date = CivilDate(rows.text(0)) else {
                check.takeUnreadable(date: rows.text(0), in: "daily_meter_totals")
                continue
            }
            check.take(
                total: (date, MeterID(trusted: rows.text(1))), tenants: rows.integer(2))
        }
    }
}

extension UsageRow.Place? {
    /// Whether there is a row here and none of the others comes before it.
    fileprivate func isFirst(_ others: UsageRow.Place?...) -> Bool {
        guard let self else { return false }
        return others.allSatisfy { $0.map { self <= $0 } ?? true }
    }
}
