// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import QuotaEngine
package import QuotaLedger
package import QuotaModel

// Lists for administrators, each a page by keyset.
extension SQLLedger {
    public func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord] {
        try await read { sql throws(LedgerError) in
            func rows(_ table: String) throws(LedgerError) -> [SQLRow] {
                let (meter, window) = (page.meter?.text, page.window?.rawValue)
                let start = SQLValue.of(page.after?.start.nanoseconds)
                return try sql.all(
                    composed: """
                        SELECT * FROM \(table) WHERE tenant = ?
                            AND (? IS NULL OR meter = ?) AND (? IS NULL OR window = ?)
                            AND (? IS NULL OR period_start_ns < ?
                                OR (period_start_ns = ? AND limit_name > ?))
                        ORDER BY period_start_ns DESC, limit_name LIMIT ?
                        """,
                    [
                        .of(page.tenant.text), .of(meter), .of(meter), .of(window), .of(window),
                        start, start, start, .of(page.after?.limit.text), .of(page.limit),
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
        try await read { sql throws(LedgerError) in
            var held: [Reservation] = []
            for row in try sql.all(
                """
                SELECT id FROM reservations WHERE state = 'held'
                    AND (expires_at_ns, id) > (?, ?) AND (? IS NULL OR tenant = ?)
                ORDER BY expires_at_ns, id LIMIT ?
                """,
                [
                    .of(place?.expiresAt.nanoseconds ?? .min), .of(place?.id.text ?? ""),
                    .of(tenant?.text), .of(tenant?.text), .of(limit),
                ])
            {
                if let found = try ReservationRows.reservation(row["id"], sql) {
                    held.append(found)
                }
            }
            return held
        }
    }

    public func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant] {
        try await read { sql throws(LedgerError) in
            let page: [SQLValue] = [
                .of(place?.holder ?? ""), .of(place?.incarnation ?? 0), .of(place?.sequence ?? 0),
                .of(tenant?.text), .of(tenant?.text), .of(limit),
            ]
            let grants =
                try sql.all(
                    """
                    SELECT grants.*, reservations.tenant AS holder_tenant
                    FROM grants JOIN reservations ON reservations.id = grants.reservation
                    WHERE grants.state = 'suspect' AND (holder, incarnation, sequence) > (?, ?, ?)
                        AND (? IS NULL OR reservations.tenant = ?)
                    ORDER BY holder, incarnation, sequence LIMIT ?
                    """, page
                )
                .map {
                    SuspectGrant(
                        ReservationRows.grant($0), tenant: TenantID(trusted: $0["holder_tenant"]))
                }
            let leases =
                try sql.all(
                    """
                    SELECT leases.*, holders.state AS holder_state
                    FROM leases JOIN holders ON holders.name = leases.holder
                        AND holders.incarnation = leases.incarnation
                    WHERE leases.state = 'suspect' AND size > posted + returned + carved
                        AND (leases.holder, leases.incarnation, leases.sequence) > (?, ?, ?)
                        AND (? IS NULL OR leases.tenant = ?)
                    ORDER BY leases.holder, leases.incarnation, leases.sequence LIMIT ?
                    """, page
                )
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

    public func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup] {
        let (start, end) = page.interval
        return try await read { sql throws(LedgerError) in
            // Sums in two halves, since the database's own stop at an overflow.
            try sql.all(
                composed: """
                    SELECT * FROM (
                        SELECT \(page.grouping.expression(sql.dialect)) AS grouped, meter,
                            CAST(sum(units / 4294967296) AS BIGINT) AS high,
                            CAST(sum(units % 4294967296) AS BIGINT) AS low,
                            CAST(sum(postings / 4294967296) AS BIGINT) AS high_postings,
                            CAST(sum(postings % 4294967296) AS BIGINT) AS low_postings
                        FROM hourly_usage
                        WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ?
                            AND (? IS NULL OR meter = ?)
                        GROUP BY 1, 2) AS sums
                    WHERE (grouped, meter) > (?, ?)
                    ORDER BY grouped, meter LIMIT ?
                    """,
                [
                    .of(page.tenant.text), .of(start.nanoseconds), .of(end.nanoseconds),
                    .of(page.meter?.text), .of(page.meter?.text), .of(page.after?.group ?? ""),
                    .of(page.after?.meter.text ?? ""), .of(page.limit),
                ]
            )
            .map { row in
                UsageGroup(
                    group: row["grouped"], meter: MeterID(trusted: row["meter"]),
                    sum: UsageSum(
                        units: sum(high: row["high"], low: row["low"]),
                        postings: sum(high: row["high_postings"], low: row["low_postings"])))
            }
        }
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
        return try await read { sql throws(LedgerError) in
            let after = page.after
            return
                try sql.all(
                    composed: """
                        SELECT * FROM events WHERE tenant = ?
                            AND admitted_at_ns >= ? AND admitted_at_ns < ?
                            AND (? IS NULL OR meter = ?) AND (? IS NULL OR key = ?)
                            AND (? IS NULL OR (admitted_at_ns, id, meter) \(comparison) (?, ?, ?))
                        ORDER BY admitted_at_ns \(order), id \(order), meter \(order)
                        LIMIT ?
                        """,
                    [
                        .of(page.tenant.text), .of(range.0), .of(range.1), .of(page.meter?.text),
                        .of(page.meter?.text), .of(page.key?.text), .of(page.key?.text),
                        .of(after?.id), .of(after?.admittedAt.nanoseconds), .of(after?.id),
                        .of(after?.meter.text), .of(page.limit),
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
        return try await read { sql throws(LedgerError) in
            try sql.all(
                composed: """
                    SELECT * FROM audit WHERE number < ?\(conditions) ORDER BY number DESC LIMIT ?
                    """, [.of(number ?? .max)] + wanted.map { .of($0.1) } + [.of(limit)]
            )
            .map(AuditRows.entry)
        }
    }
}

private func sum(high: Int64, low: Int64) -> Int64 {
    Int64(clamping: Int128(high) << 32 + Int128(low))
}

extension UsageSumPage.Grouping {
    /// What the sums are grouped by.
    fileprivate func expression(_ dialect: SQLDialect) -> String {
        switch self {
        case .day: dialect.dateOfHour
        case .key: "key"
        case .model: "model"
        case .meter: "''"
        case .dayKeyModel:
            "\(dialect.dateOfHour) || \(dialect.tabulator) || key || \(dialect.tabulator) || model"
        }
    }
}
