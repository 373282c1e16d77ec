// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import GRDB
public import QuotaEngine
public import QuotaLedger
public import QuotaModel

// Lists for administrators, each a page by keyset.
extension LedgerSQLite {
    public func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord] {
        try await read { database in
            func rows(_ table: String) throws -> [Row] {
                let after = page.after
                return try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT * FROM \(table) WHERE tenant = ?
                                AND (? IS NULL OR meter = ?) AND (? IS NULL OR window = ?)
                                AND (? IS NULL OR period_start_ns < ?
                                    OR (period_start_ns = ? AND limit_name > ?))
                            ORDER BY period_start_ns DESC, limit_name LIMIT ?
                            """),
                    arguments: [
                        page.tenant.text, page.meter?.text, page.meter?.text,
                        page.window?.rawValue, page.window?.rawValue,
                        after?.start.nanoseconds, after?.start.nanoseconds,
                        after?.start.nanoseconds, after?.limit.text, page.limit,
                    ])
            }
            let open = try rows("accounts")
                .map { PeriodRecord(record: AccountRows.record($0), closedAt: nil) }
            let closed = try rows("archives")
                .map { row in
                    let archive = AccountRows.archive(row)
                    return PeriodRecord(record: archive.record, closedAt: archive.closedAt)
                }
            let sorted = (open + closed)
                .sorted { left, right in
                    let (left, right) = (left.place, right.place)
                    return left.start == right.start
                        ? left.limit < right.limit : left.start > right.start
                }
            return Array(sorted.prefix(page.limit))
        }
    }

    public func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(LedgerError) -> [Reservation] {
        try await read { database in
            let ids = try String.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT id FROM reservations WHERE state = 'held'
                            AND (expires_at_ns, id) > (?, ?) AND (? IS NULL OR tenant = ?)
                        ORDER BY expires_at_ns, id LIMIT ?
                        """),
                arguments: [
                    place?.expiresAt.nanoseconds ?? .min, place?.id.text ?? "", tenant?.text,
                    tenant?.text, limit,
                ])
            return try ids.compactMap { try Self.reservation($0, database) }
        }
    }

    public func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant] {
        try await read { database in
            func rows(_ sql: String) throws -> [Row] {
                try Row.fetchAll(
                    database.cachedStatement(sql: sql),
                    arguments: [
                        place?.holder ?? "", place?.incarnation ?? 0, place?.sequence ?? 0,
                        tenant?.text, tenant?.text, limit,
                    ])
            }
            let grants = try rows(Self.suspectGrants)
                .map {
                    SuspectGrant(
                        ReservationRows.grant($0), tenant: TenantID(trusted: $0["holder_tenant"]))
                }
            let leases = try rows(Self.suspectLeases)
                .map { row in
                    SuspectGrant(
                        LeaseRows.lease(row),
                        HolderRecord.State(rawValue: row["holder_state"]) ?? .ended)
                }
            let sorted = (grants + leases)
                .sorted { left, right in
                    let (left, right) = (left.grant.id, right.grant.id)
                    return (ExactString(left.holder), left.incarnation, left.sequence)
                        < (ExactString(right.holder), right.incarnation, right.sequence)
                }
            return Array(sorted.prefix(limit))
        }
    }

    private static let suspectGrants = """
        SELECT grants.*, reservations.tenant AS holder_tenant
        FROM grants JOIN reservations ON reservations.id = grants.reservation
        WHERE grants.state = 'suspect' AND (holder, incarnation, sequence) > (?, ?, ?)
            AND (? IS NULL OR reservations.tenant = ?)
        ORDER BY holder, incarnation, sequence LIMIT ?
        """

    private static let suspectLeases = """
        SELECT leases.*, holders.state AS holder_state
        FROM leases JOIN holders ON holders.name = leases.holder
            AND holders.incarnation = leases.incarnation
        WHERE leases.state = 'suspect' AND size > posted + returned + carved
            AND (leases.holder, leases.incarnation, leases.sequence) > (?, ?, ?)
            AND (? IS NULL OR leases.tenant = ?)
        ORDER BY leases.holder, leases.incarnation, leases.sequence LIMIT ?
        """

    public func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup] {
        let day = "date(hour_ns / 1000000000, 'unixepoch')"
        let group =
            switch page.grouping {
            case .day: day
            case .key: "key"
            case .model: "model"
            case .meter: "''"
            case .dayKeyModel: "\(day) || char(9) || key || char(9) || model"
            }
        let (start, end) = page.interval
        return try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT \(group) AS grouped, meter,
                            sum(units / 4294967296) AS high, sum(units % 4294967296) AS low,
                            sum(postings / 4294967296) AS high_postings,
                            sum(postings % 4294967296) AS low_postings
                        FROM hourly_usage
                        WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ?
                            AND (? IS NULL OR meter = ?)
                        GROUP BY grouped, meter HAVING (grouped, meter) > (?, ?)
                        ORDER BY grouped, meter LIMIT ?
                        """),
                arguments: [
                    page.tenant.text, start.nanoseconds, end.nanoseconds, page.meter?.text,
                    page.meter?.text, page.after?.group ?? "", page.after?.meter.text ?? "",
                    page.limit,
                ]
            )
            .map { row in
                UsageGroup(
                    group: row["grouped"], meter: MeterID(trusted: row["meter"]),
                    sum: UsageSum(
                        units: Self.sum(high: row["high"], low: row["low"]),
                        postings: Self.sum(
                            high: row["high_postings"], low: row["low_postings"])))
            }
        }
    }

    /// A sum that SQLite kept in two halves, since its own stops at an overflow.
    private static func sum(high: Int64, low: Int64) -> Int64 {
        Int64(clamping: Int128(high) << 32 + Int128(low))
    }

    public func events(_ page: EventPage) async throws(LedgerError) -> [UsageEvent] {
        let (order, comparison) = page.isOldestFirst ? ("ASC", ">") : ("DESC", "<")
        // The cursor bounds the range of the index too.
        var (start, end) = (page.start, page.end)
        if let after = page.after {
            if page.isOldestFirst {
                start = max(start, after.admittedAt)
            } else {
                end = min(end, after.admittedAt.adding(nanoseconds: 1))
            }
        }
        let range = (start.nanoseconds, end.nanoseconds)
        return try await read { database in
            let after = page.after
            return
                try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT * FROM events WHERE tenant = ?
                                AND admitted_at_ns >= ? AND admitted_at_ns < ?
                                AND (? IS NULL OR meter = ?) AND (? IS NULL OR key = ?)
                                AND (? IS NULL OR
                                    (admitted_at_ns, id, meter) \(comparison) (?, ?, ?))
                            ORDER BY admitted_at_ns \(order), id \(order), meter \(order)
                            LIMIT ?
                            """),
                    arguments: [
                        page.tenant.text, range.0, range.1,
                        page.meter?.text, page.meter?.text, page.key?.text, page.key?.text,
                        after?.id, after?.admittedAt.nanoseconds, after?.id, after?.meter.text,
                        page.limit,
                    ]
                )
                .map(UsageRows.event)
        }
    }

    public func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [AuditEntry] {
        // Only what is asked for stands in the statement, so that an index can answer it.
        let wanted = [
            ("tenant", filter.tenant?.text), ("action", filter.action),
            ("subject", filter.subject),
        ]
        .filter { $0.1 != nil }
        let conditions = wanted.map { " AND \($0.0) = ?" }.joined()
        return try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM audit WHERE number < ?\(conditions)
                        ORDER BY number DESC LIMIT ?
                        """),
                arguments: StatementArguments([number ?? .max] as [any DatabaseValueConvertible])
                    + StatementArguments(wanted.map(\.1)) + [limit]
            )
            .map(AuditRows.entry)
        }
    }
}
