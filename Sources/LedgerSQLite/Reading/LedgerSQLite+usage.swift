// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Foundation
import GRDB
public import QuotaLedger
public import QuotaModel

// Reads of balances, usage and the entry log, on connections that only read.
extension LedgerSQLite {
    public func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM accounts WHERE tenant = ? ORDER BY limit_name, period_start_ns
                        """),
                arguments: [tenant.text]
            )
            .map(AccountRows.record)
        }
    }

    public func archives(
        of tenant: TenantID,
        limit: Int
    ) async throws(LedgerError) -> [ArchiveRecord] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM archives WHERE tenant = ?
                        ORDER BY period_start_ns DESC, limit_name LIMIT ?
                        """),
                arguments: [tenant.text, limit]
            )
            .map(AccountRows.archive)
        }
    }

    public func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM grants WHERE tenant = ? AND state <> 'closed'
                        ORDER BY sequence, holder, incarnation
                        """),
                arguments: [tenant.text]
            )
            .map(ReservationRows.grant)
        }
    }

    public func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM events WHERE tenant = ? AND (id, meter) > (?, ?)
                        ORDER BY id, meter LIMIT ?
                        """),
                arguments: [tenant.text, cursor?.id ?? "", cursor?.meter.text ?? "", limit]
            )
            .map(UsageRows.event)
        }
    }

    public func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum] {
        try await read { database in
            var sums: [HourlyUsageKey: UsageSum] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT * FROM hourly_usage WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ?
                    """,
                arguments: [tenant.text, start.nanoseconds, end.nanoseconds])
            while let row = try rows.next() {
                let model: String = row["model"]
                let key = HourlyUsageKey(
                    tenant: tenant,
                    key: APIKeyID(trusted: row["key"]),
                    meter: MeterID(trusted: row["meter"]),
                    model: model.isEmpty ? nil : ModelName(trusted: model),
                    hour: Timestamp(nanoseconds: row["hour_ns"]))
                sums[key] = UsageSum(units: row["units"], postings: row["postings"])
            }
            return sums
        }
    }

    public func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async throws(LedgerError) -> [KeyDayUsage] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM daily_usage
                        WHERE api_key_id = ? AND date >= ? AND date <= ?
                            AND (? IS NULL OR tenant = ?)
                        ORDER BY date, tenant
                        """),
                arguments: [
                    key.text, first.description, last.description, tenant?.text, tenant?.text,
                ]
            )
            .compactMap { row in
                guard let date = CivilDate(row["date"] as String) else { return nil }
                return KeyDayUsage(
                    day: KeyDay(
                        key: key, date: date, tenant: TenantID(trusted: row["tenant"])),
                    requestCount: row["request_count"],
                    lastRequestAt: Timestamp(nanoseconds: row["last_request_at_ns"]))
            }
        }
    }

    public func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT tenant, units, exceeded_until_ns FROM daily_meter_usage
                        WHERE date = ? AND meter = ? AND tenant > ?
                        ORDER BY tenant LIMIT ? OFFSET ?
                        """),
                arguments: [
                    date.description, meter.text, page.after?.text ?? "", page.limit, page.offset,
                ]
            )
            .map { row in
                let until: Int64? = row["exceeded_until_ns"]
                return MeterDayUsage(
                    tenant: TenantID(trusted: row["tenant"]), units: row["units"],
                    exceededUntil: until.map(Timestamp.init(nanoseconds:)))
            }
        }
    }

    public func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async throws(LedgerError) -> UsageTotals {
        try await read { database in
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT
                            ifnull((SELECT tenants FROM daily_meter_totals
                                WHERE date = ? AND meter = ?), 0) AS tenants,
                            (SELECT count(*) FROM daily_meter_usage
                                WHERE date = ? AND meter = ? AND exceeded_until_ns > ?) AS exceeded
                        """),
                arguments: [
                    date.description, meter.text, date.description, meter.text,
                    instant.nanoseconds,
                ])
            return UsageTotals(tenants: row?["tenants"] ?? 0, exceeded: row?["exceeded"] ?? 0)
        }
    }

    public func entryBatches(
        after number: Int64,
        limit: Int
    ) async throws(LedgerError) -> [EntryBatch] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM entry_batches WHERE number > ? ORDER BY number LIMIT ?"),
                arguments: [number, limit]
            )
            .map { row in
                let number: Int64 = row["number"]
                let entries = try Row.fetchAll(
                    database.cachedStatement(
                        sql: "SELECT * FROM entries WHERE batch = ? ORDER BY position"),
                    arguments: [number])
                let hash: Data = row["hash"]
                return EntryBatch(
                    number: number,
                    committedAt: Timestamp(nanoseconds: row["committed_at_ns"]),
                    entries: entries.map(Self.entry),
                    hash: Array(hash))
            }
        }
    }

    private static func entry(_ row: Row) -> Entry {
        Entry(
            account: AccountID(
                key: AccountKey(
                    tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
                periodStart: Timestamp(nanoseconds: row["period_start_ns"])),
            capacity: row["capacity"],
            available: row["available"],
            escrowed: row["escrowed"],
            suspect: row["suspect"],
            posted: row["posted"])
    }
}
