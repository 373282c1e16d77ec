import QuotaLedger
import QuotaModel

/// Organizations and overrides as rows.
enum OrganizationRows {
    static func organization(_ row: SQLRow, limits: [SQLRow]) -> Organization {
        let anchor: String? = row["billing_anchor"]
        return Organization(
            id: OrganizationID(trusted: row["id"]),
            name: row["name"],
            limits: limits.map(PlanRows.limit),
            timeZone: row["time_zone"],
            billingAnchor: anchor.flatMap { LocalDateTime($0) },
            billingInterval: Tenant.BillingInterval(rawValue: row["billing_interval"]) ?? .month,
            billingBoundaries: StoredBoundaries.value(row["billing_boundaries"]),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            revision: row["revision"])
    }

    /// An organization with its limits.
    static func organization(
        _ id: OrganizationID,
        _ sql: any SQLSession
    ) throws(LedgerError) -> Organization? {
        guard
            let row = try sql.first("SELECT * FROM organizations WHERE id = ?", [.of(id.text)])
        else { return nil }
        return organization(row, limits: try limits(of: id.text, sql))
    }

    static func limits(
        of id: String,
        _ sql: any SQLSession
    ) throws(LedgerError) -> [SQLRow] {
        try sql.all(
            """
            SELECT * FROM limits WHERE owner_kind = 'organization' AND owner = ?
            ORDER BY position
            """, [.of(id)])
    }

    static func put(_ organization: Organization, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO organizations (
                id, name, time_zone, billing_anchor, billing_interval, billing_boundaries,
                created_at_ns, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name, time_zone = excluded.time_zone,
                billing_anchor = excluded.billing_anchor,
                billing_interval = excluded.billing_interval,
                billing_boundaries = excluded.billing_boundaries,
                created_at_ns = excluded.created_at_ns, revision = excluded.revision
            """
        ) { row in
            row.add(organization.id.text)
            row.add(organization.name)
            row.add(organization.timeZone)
            row.add(organization.billingAnchor?.description)
            row.add(organization.billingInterval.rawValue)
            row.add(StoredBoundaries.text(organization.billingBoundaries))
            row.add(organization.createdAt.nanoseconds)
            row.add(organization.revision)
        }
        try PlanRows.replace(
            organization.limits, owner: .organization, id: organization.id.text, sql)
    }

    static func delete(_ id: OrganizationID, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run("DELETE FROM organizations WHERE id = ?") { $0.add(id.text) }
        try PlanRows.replace([], owner: .organization, id: id.text, sql)
    }

    static func override(_ row: SQLRow) -> LimitOverride {
        let expiresAt: Int64? = row["expires_at_ns"]
        let startsAt: Int64 = row["starts_at_ns"]
        let multiplier: Int64? = row["multiplier_percent"]
        return LimitOverride(
            id: LimitOverride.ID(
                tenant: TenantID(trusted: row["tenant"]), meter: MeterID(trusted: row["meter"]),
                window: Window(rawValue: row["window"]) ?? .lifetime,
                startsAt: startsAt == 0 ? nil : Timestamp(nanoseconds: startsAt)),
            effect: multiplier.map { .multiplier(percent: $0) } ?? .quantity(row["quantity"]),
            expiresAt: expiresAt.map(Timestamp.init(nanoseconds:)),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            reason: row["reason"],
            author: row["author"])
    }

    static func put(_ override: LimitOverride, _ sql: any SQLSession) throws(LedgerError) {
        var (quantity, multiplier): (Int64?, Int64?)
        switch override.effect {
        case .quantity(let units): quantity = units
        case .multiplier(let percent): multiplier = percent
        }
        try sql.run(
            """
            INSERT INTO overrides (
                tenant, meter, window, starts_at_ns, quantity, multiplier_percent,
                expires_at_ns, created_at_ns, reason, author)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant, meter, window, starts_at_ns) DO UPDATE SET
                quantity = excluded.quantity, multiplier_percent = excluded.multiplier_percent,
                expires_at_ns = excluded.expires_at_ns, created_at_ns = excluded.created_at_ns,
                reason = excluded.reason, author = excluded.author
            """
        ) { row in
            row.add(override.id)
            row.add(quantity)
            row.add(multiplier)
            row.add(override.expiresAt?.nanoseconds)
            row.add(override.createdAt.nanoseconds)
            row.add(override.reason)
            row.add(override.author)
        }
    }

    static func delete(_ id: LimitOverride.ID, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            DELETE FROM overrides
            WHERE tenant = ? AND meter = ? AND window = ? AND starts_at_ns = ?
            """
        ) { $0.add(id) }
    }
}

extension SQLBindings {
    fileprivate mutating func add(_ id: LimitOverride.ID) {
        add(id.tenant.text)
        add(id.meter.text)
        add(id.window.rawValue)
        add(id.startsAt?.nanoseconds ?? 0)
    }
}
