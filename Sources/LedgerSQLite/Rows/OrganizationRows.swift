import GRDB
import QuotaLedger
import QuotaModel

/// Organizations and overrides as rows.
enum OrganizationRows {
    static func organization(_ row: Row, limits: [Row]) -> Organization {
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
        _ database: Database
    ) throws -> Organization? {
        guard
            let row = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM organizations WHERE id = ?"),
                arguments: [id.text])
        else { return nil }
        return organization(row, limits: try limits(of: id.text, database))
    }

    static func limits(of id: String, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT * FROM limits WHERE owner_kind = 'organization' AND owner = ?
                    ORDER BY position
                    """),
            arguments: [id])
    }

    static func put(_ organization: Organization, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO organizations (
                    id, name, time_zone, billing_anchor, billing_interval, billing_boundaries,
                    created_at_ns, revision)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                organization.id.text, organization.name, organization.timeZone,
                organization.billingAnchor?.description, organization.billingInterval.rawValue,
                StoredBoundaries.text(organization.billingBoundaries),
                organization.createdAt.nanoseconds, organization.revision,
            ])
        try PlanRows.replace(
            organization.limits, owner: .organization, id: organization.id.text, database)
    }

    static func delete(_ id: OrganizationID, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM organizations WHERE id = ?", arguments: [id.text])
        try PlanRows.replace([], owner: .organization, id: id.text, database)
    }

    static func override(_ row: Row) -> LimitOverride {
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

    static func put(_ override: LimitOverride, _ database: Database) throws {
        var (quantity, multiplier): (Int64?, Int64?)
        switch override.effect {
        case .quantity(let units): quantity = units
        case .multiplier(let percent): multiplier = percent
        }
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO overrides (
                    tenant, meter, window, starts_at_ns, quantity, multiplier_percent,
                    expires_at_ns, created_at_ns, reason, author)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                override.id.tenant.text, override.id.meter.text, override.id.window.rawValue,
                override.id.startsAt?.nanoseconds ?? 0, quantity, multiplier,
                override.expiresAt?.nanoseconds, override.createdAt.nanoseconds, override.reason,
                override.author,
            ])
    }

    static func delete(_ id: LimitOverride.ID, _ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM overrides
                WHERE tenant = ? AND meter = ? AND window = ? AND starts_at_ns = ?
                """,
            arguments: [
                id.tenant.text, id.meter.text, id.window.rawValue, id.startsAt?.nanoseconds ?? 0,
            ])
    }
}
