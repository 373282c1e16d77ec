// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import QuotaLedger
package import QuotaModel

// Reads of balances, usage and the entry log.
extension SQLLedger {
    public func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                "SELECT * FROM accounts WHERE tenant = ? ORDER BY limit_name, period_start_ns",
                [.of(tenant.text)]
            )
            .map(AccountRows.record)
        }
    }

    public func archives(
        of tenant: TenantID,
        limit: Int
    ) async throws(LedgerError) -> [ArchiveRecord] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                """
                SELECT * FROM archives WHERE tenant = ?
                ORDER BY period_start_ns DESC, limit_name LIMIT ?
                """, [.of(tenant.text), .of(limit)]
            )
            .map(AccountRows.archive)
        }
    }

    public func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                """
                SELECT * FROM grants WHERE tenant = ? AND state <> 'closed'
                ORDER BY sequence, holder, incarnation
                """, [.of(tenant.text)]
            )
            .map(ReservationRows.grant)
        }
    }

    public func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                """
                SELECT * FROM events WHERE tenant = ? AND (id, meter) > (?, ?)
                ORDER BY id, meter LIMIT ?
                """,
                [
                    .of(tenant.text), .of(cursor?.id ?? ""), .of(cursor?.meter.text ?? ""),
                    .of(limit),
                ]
            )
            .map(UsageRows.event)
        }
    }

    public func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum] {
        try await read { sql throws(LedgerError) in
            var sums: [HourlyUsageKey: UsageSum] = [:]
            try sql.each(
                "SELECT * FROM hourly_usage WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ?",
                [.of(tenant.text), .of(start.nanoseconds), .of(end.nanoseconds)]
            ) { row throws(LedgerError) in
                let (key, sum) = UsageRows.hour(row)
                sums[key] = sum
                return true
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
        try await read { sql throws(LedgerError) in
            try sql.all(
                """
                SELECT * FROM daily_usage
                WHERE api_key_id = ? AND date >= ? AND date <= ? AND (? IS NULL OR tenant = ?)
                ORDER BY date, tenant
                """,
                [
                    .of(key.text), .of(first.description), .of(last.description),
                    .of(tenant?.text), .of(tenant?.text),
                ]
            )
            .compactMap(UsageRows.day)
        }
    }

    public func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                """
                SELECT tenant, units, exceeded_until_ns FROM daily_meter_usage
                WHERE date = ? AND meter = ? AND tenant > ?
                ORDER BY tenant LIMIT ? OFFSET ?
                """,
                [
                    .of(date.description), .of(meter.text), .of(page.after?.text ?? ""),
                    .of(page.limit), .of(page.offset),
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
        try await read { sql throws(LedgerError) in
            let row = try sql.first(
                """
                SELECT
                    coalesce((SELECT tenants FROM daily_meter_totals
                        WHERE date = ? AND meter = ?), 0) AS tenants,
                    (SELECT count(*) FROM daily_meter_usage
                        WHERE date = ? AND meter = ? AND exceeded_until_ns > ?) AS exceeded
                """,
                [
                    .of(date.description), .of(meter.text), .of(date.description),
                    .of(meter.text), .of(instant.nanoseconds),
                ])
            return UsageTotals(
                tenants: row.map { $0["tenants"] } ?? 0, exceeded: row.map { $0["exceeded"] } ?? 0)
        }
    }

    public func entryBatches(
        after number: Int64,
        limit: Int
    ) async throws(LedgerError) -> [EntryBatch] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                "SELECT * FROM entry_batches WHERE number > ? ORDER BY number LIMIT ?",
                [.of(number), .of(limit)]
            )
            .map { row throws(LedgerError) in
                let number: Int64 = row["number"]
                let entries = try sql.all(
                    "SELECT * FROM entries WHERE batch = ? ORDER BY position", [.of(number)])
                return EntryBatch(
                    number: number,
                    committedAt: Timestamp(nanoseconds: row["committed_at_ns"]),
                    entries: entries.map(AccountRows.entry), hash: row["hash"])
            }
        }
    }
}
