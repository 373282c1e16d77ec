// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Foundation
import GRDB
public import QuotaLedger
public import QuotaModel

// Reads of tenants, keys, plans and the ledger itself, on connections that only read.
extension LedgerSQLite {
    /// Runs a read on a snapshot that has every command answered so far.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw LedgerError(error)
        }
    }

    /// Reads a few rows that are found by their keys, on the thread that asks where that can be.
    private func lookUp<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        if let found = lookUps.read(body) { return found }
        return try await read(body)
    }

    public func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant? {
        try await lookUp { try Self.tenant(id, $0) }
    }

    private static func tenant(_ id: TenantID, _ database: Database) throws -> Tenant? {
        try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT * FROM tenants WHERE id = ?"),
            arguments: [id.text]
        )
        .first(DirectoryRows.tenant)
    }

    public func profile(of id: TenantID) async throws(LedgerError) -> TenantProfile? {
        try await lookUp { database in
            guard let tenant = try Self.tenant(id, database) else { return nil }
            return TenantProfile(
                tenant: tenant,
                overrides: try Self.overrides(
                    of: id, after: nil, limit: LimitOverride.maximumPerTenant, database),
                organization: try tenant.organization.flatMap {
                    try OrganizationRows.organization(OrganizationID(trusted: $0), database)
                })
        }
    }

    public func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant] {
        try await read { database in
            let after = id?.text ?? ""
            let rows =
                if let organization {
                    try Row.fetchAll(
                        database.cachedStatement(
                            sql: """
                                SELECT * FROM tenants WHERE organization = ? AND id > ?
                                ORDER BY id LIMIT ?
                                """),
                        arguments: [organization.text, after, limit])
                } else {
                    try Row.fetchAll(
                        database.cachedStatement(
                            sql: "SELECT * FROM tenants WHERE id > ? ORDER BY id LIMIT ?"),
                        arguments: [after, limit])
                }
            return rows.map(DirectoryRows.tenant)
        }
    }

    public func hasTenants(
        on plan: PlanID,
        from now: Timestamp
    ) async throws(LedgerError) -> Bool {
        try await read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT * FROM tenants WHERE plan = ? OR plan_steps IS NOT NULL"),
                arguments: [plan.text])
            while let row = try rows.next() {
                if DirectoryRows.tenant(row).isOn(plan, from: now) { return true }
            }
            return false
        }
    }

    public func organization(
        _ id: OrganizationID
    ) async throws(LedgerError) -> Organization? {
        try await read { try OrganizationRows.organization(id, $0) }
    }

    public func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM organizations WHERE id > ? ORDER BY id LIMIT ?"),
                arguments: [id?.text ?? "", limit]
            )
            .map { row in
                OrganizationRows.organization(
                    row, limits: try OrganizationRows.limits(of: row["id"], database))
            }
        }
    }

    public func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride] {
        try await read { try Self.overrides(of: tenant, after: id, limit: limit, $0) }
    }

    private static func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int,
        _ database: Database
    ) throws -> [LimitOverride] {
        let start: StatementArguments = [
            id?.tenant.text ?? tenant?.text ?? "", id?.meter.text ?? "",
            id?.window.rawValue ?? "", id?.startsAt?.nanoseconds ?? 0,
        ]
        let rows =
            if let tenant {
                try Row.fetchCursor(
                    database.cachedStatement(sql: overridesOfTenant),
                    arguments: start + [tenant.text, limit])
            } else {
                try Row.fetchCursor(
                    database.cachedStatement(
                        sql: """
                            SELECT * FROM overrides
                            WHERE (tenant, meter, window, starts_at_ns) > (?, ?, ?, ?)
                            ORDER BY tenant, meter, window, starts_at_ns LIMIT ?
                            """), arguments: start + [limit])
            }
        return try Array(rows.map(OrganizationRows.override))
    }

    // As an expression that is true for all, the bound would bound no search: those of all tenants
    // that follow would be read.
    static let overridesOfTenant = """
        SELECT * FROM overrides
        WHERE (tenant, meter, window, starts_at_ns) > (?, ?, ?, ?) AND tenant <= ?
        ORDER BY tenant, meter, window, starts_at_ns LIMIT ?
        """

    public func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord? {
        try await lookUp { database in
            try Self.keys(
                Row.fetchAll(
                    database.cachedStatement(sql: "SELECT * FROM api_keys WHERE id = ?"),
                    arguments: [id.text]),
                database
            )
            .first
        }
    }

    public func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        try await lookUp { database in
            try Self.keys(
                Row.fetchAll(
                    database.cachedStatement(sql: "SELECT * FROM api_keys WHERE public_id = ?"),
                    arguments: [publicID]),
                database
            )
            .first
        }
    }

    public func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord] {
        try await read { database in
            func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [Row] {
                try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT * FROM api_keys WHERE \(condition) AND id > ?
                            ORDER BY id LIMIT ?
                            """
                    ),
                    arguments: arguments + [id?.text ?? "", limit])
            }
            let rows =
                switch owner {
                case .tenants: try fetch("tenant IS NOT NULL", [])
                case .tenant(let tenant): try fetch("tenant = ?", [tenant.text])
                case .service: try fetch("tenant IS NULL", [])
                }
            return try Self.keys(rows, database)
        }
    }

    private static func keys(_ rows: [Row], _ database: Database) throws -> [KeyRecord] {
        try rows.map { row in
            let limits = try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM limits WHERE owner_kind = 'key' AND owner = ?
                        ORDER BY position
                        """),
                arguments: [row["id"] as String])
            return DirectoryRows.key(row, limits: limits)
        }
    }

    public func plans() async throws(LedgerError) -> [Plan] {
        try await read { database in
            let limits = try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM limits WHERE owner_kind = 'plan' ORDER BY owner, position"))
            let byPlan = Dictionary(grouping: limits) { $0["owner"] as String }
            return
                try Row.fetchAll(
                    database.cachedStatement(sql: "SELECT * FROM plans ORDER BY weight, id")
                )
                .map {
                    PlanRows.plan($0, limits: byPlan[$0["id"]] ?? [])
                }
        }
    }

    public func meters() async throws(LedgerError) -> [Meter] {
        try await read { database in
            try Row.fetchAll(database.cachedStatement(sql: "SELECT * FROM meters ORDER BY id"))
                .map(PlanRows.meter)
        }
    }

    public func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        try await read { try Self.reservation(id.text, $0) }
    }

    static func reservation(_ id: String, _ database: Database) throws -> Reservation? {
        let charges = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT meter, held, settled FROM reservation_charges
                    WHERE reservation = ? ORDER BY position
                    """),
            arguments: [id])
        let rates = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT * FROM reservation_rates WHERE reservation = ? ORDER BY position"),
            arguments: [id])
        return
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM reservations WHERE id = ?"),
                arguments: [id]
            )
            .map { ReservationRows.reservation($0, charges: charges, rates: rates) }
    }

    public func answer(
        _ id: IdempotencyID
    ) async throws(LedgerError) -> IdempotencyRecord? {
        try await read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM answers WHERE tenant = ? AND key = ?"),
                arguments: [id.tenant.text, id.key.text]
            )
            .map(UsageRows.answer)
        }
    }

    public func setting(_ name: String) async throws(LedgerError) -> String? {
        try await read { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT value FROM settings WHERE name = ?"),
                arguments: [name])
        }
    }

    public func statistics() async throws(LedgerError) -> LedgerStatistics {
        try await read { database in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
            return LedgerStatistics(
                tenants: try count("SELECT count(*) FROM tenants"),
                openReservations: try count(
                    "SELECT count(*) FROM reservations WHERE state = 'held'"),
                suspectGrants: try count("SELECT count(*) FROM grants WHERE state = 'suspect'")
                    + count(
                        """
                        SELECT count(*) FROM leases WHERE state = 'suspect'
                            AND size > posted + returned + carved
                        """),
                sizeBytes: Int64(
                    try count(
                        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
            )
        }
    }
}
