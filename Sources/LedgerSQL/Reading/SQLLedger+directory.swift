// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import QuotaLedger
package import QuotaModel

// Reads of tenants, keys, plans and the ledger itself.
extension SQLLedger {
    public func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant? {
        try await lookUp { sql throws(LedgerError) in try tenantRow(id, sql) }
    }

    public func profile(of id: TenantID) async throws(LedgerError) -> TenantProfile? {
        try await lookUp { sql throws(LedgerError) in
            guard let tenant = try tenantRow(id, sql) else { return nil }
            var organization: Organization?
            if let id = tenant.organization {
                organization = try OrganizationRows.organization(OrganizationID(trusted: id), sql)
            }
            return TenantProfile(
                tenant: tenant,
                overrides: try overrideRows(
                    of: id, after: nil, limit: LimitOverride.maximumPerTenant, sql),
                organization: organization)
        }
    }

    public func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant] {
        try await read { sql throws(LedgerError) in
            let after = SQLValue.of(id?.text ?? "")
            let rows =
                if let organization {
                    try sql.all(
                        """
                        SELECT * FROM tenants WHERE organization = ? AND id > ?
                        ORDER BY id LIMIT ?
                        """, [.of(organization.text), after, .of(limit)])
                } else {
                    try sql.all(
                        "SELECT * FROM tenants WHERE id > ? ORDER BY id LIMIT ?",
                        [after, .of(limit)])
                }
            return rows.map(DirectoryRows.tenant)
        }
    }

    public func hasTenants(
        on plan: PlanID,
        from now: Timestamp
    ) async throws(LedgerError) -> Bool {
        try await read { sql throws(LedgerError) in
            var isFound = false
            try sql.each(
                "SELECT * FROM tenants WHERE plan = ? OR plan_steps IS NOT NULL", [.of(plan.text)]
            ) { row throws(LedgerError) in
                isFound = DirectoryRows.tenant(row).isOn(plan, from: now)
                return !isFound
            }
            return isFound
        }
    }

    public func organization(
        _ id: OrganizationID
    ) async throws(LedgerError) -> Organization? {
        try await read { sql throws(LedgerError) in try OrganizationRows.organization(id, sql) }
    }

    public func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization] {
        try await read { sql throws(LedgerError) in
            try sql.all(
                "SELECT * FROM organizations WHERE id > ? ORDER BY id LIMIT ?",
                [.of(id?.text ?? ""), .of(limit)]
            )
            .map { row throws(LedgerError) in
                OrganizationRows.organization(
                    row, limits: try OrganizationRows.limits(of: row["id"], sql))
            }
        }
    }

    public func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride] {
        try await read { sql throws(LedgerError) in
            try overrideRows(of: tenant, after: id, limit: limit, sql)
        }
    }

    public func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord? {
        try await lookUp { sql throws(LedgerError) in
            try keyRecords(
                sql.all("SELECT * FROM api_keys WHERE id = ?", [.of(id.text)]), sql
            )
            .first
        }
    }

    public func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        try await lookUp { sql throws(LedgerError) in
            try keyRecords(
                sql.all("SELECT * FROM api_keys WHERE public_id = ?", [.of(publicID)]), sql
            )
            .first
        }
    }

    public func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord] {
        try await read { sql throws(LedgerError) in
            let page: [SQLValue] = [.of(id?.text ?? ""), .of(limit)]
            let rows =
                switch owner {
                case .tenants:
                    try sql.all(
                        """
                        SELECT * FROM api_keys WHERE tenant IS NOT NULL AND id > ?
                        ORDER BY id LIMIT ?
                        """, page)
                case .tenant(let tenant):
                    try sql.all(
                        "SELECT * FROM api_keys WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?",
                        [.of(tenant.text)] + page)
                case .service:
                    try sql.all(
                        """
                        SELECT * FROM api_keys WHERE tenant IS NULL AND id > ?
                        ORDER BY id LIMIT ?
                        """, page)
                }
            return try keyRecords(rows, sql)
        }
    }

    public func plans() async throws(LedgerError) -> [Plan] {
        try await read { sql throws(LedgerError) in
            let limits = try sql.all(
                "SELECT * FROM limits WHERE owner_kind = 'plan' ORDER BY owner, position")
            let byPlan = Dictionary(grouping: limits) { $0["owner"] as String }
            return try sql.all("SELECT * FROM plans ORDER BY weight, id")
                .map { PlanRows.plan($0, limits: byPlan[$0["id"]] ?? []) }
        }
    }

    public func meters() async throws(LedgerError) -> [Meter] {
        try await read { sql throws(LedgerError) in
            try sql.all("SELECT * FROM meters ORDER BY id").map(PlanRows.meter)
        }
    }

    public func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        try await read { sql throws(LedgerError) in try ReservationRows.reservation(id.text, sql) }
    }

    public func answer(
        _ id: IdempotencyID
    ) async throws(LedgerError) -> IdempotencyRecord? {
        try await read { sql throws(LedgerError) in
            try sql.first(
                "SELECT * FROM answers WHERE tenant = ? AND key = ?",
                [.of(id.tenant.text), .of(id.key.text)]
            )
            .map(UsageRows.answer)
        }
    }

    public func setting(_ name: String) async throws(LedgerError) -> String? {
        try await read { sql throws(LedgerError) in
            try sql.first("SELECT value FROM settings WHERE name = ?", [.of(name)])
                .map { $0["value"] }
        }
    }

    public func statistics() async throws(LedgerError) -> LedgerStatistics {
        try await read { sql throws(LedgerError) in
            func count(_ query: StaticString) throws(LedgerError) -> Int {
                try sql.first(query).map { $0["n"] } ?? 0
            }
            let suspect =
                try count("SELECT count(*) AS n FROM grants WHERE state = 'suspect'")
                + count(
                    """
                    SELECT count(*) AS n FROM leases WHERE state = 'suspect'
                        AND size > posted + returned + carved
                    """)
            return LedgerStatistics(
                tenants: try count("SELECT count(*) AS n FROM tenants"),
                openReservations: try count(
                    "SELECT count(*) AS n FROM reservations WHERE state = 'held'"),
                suspectGrants: suspect,
                sizeBytes: try sql.first(sql.dialect.size).map { $0["size"] } ?? 0)
        }
    }
}

private func tenantRow(
    _ id: TenantID,
    _ sql: any SQLSession
) throws(LedgerError) -> Tenant? {
    try sql.first("SELECT * FROM tenants WHERE id = ?", [.of(id.text)]).map(DirectoryRows.tenant)
}

private func overrideRows(
    of tenant: TenantID?,
    after id: LimitOverride.ID?,
    limit: Int,
    _ sql: any SQLSession
) throws(LedgerError) -> [LimitOverride] {
    let start: [SQLValue] = [
        .of(id?.tenant.text ?? tenant?.text ?? ""), .of(id?.meter.text ?? ""),
        .of(id?.window.rawValue ?? ""), .of(id?.startsAt?.nanoseconds ?? 0),
    ]
    let rows =
        if let tenant {
            try sql.all(OverrideQueries.ofTenant, start + [.of(tenant.text), .of(limit)])
        } else {
            try sql.all(
                """
                SELECT * FROM overrides
                WHERE (tenant, meter, window, starts_at_ns) > (?, ?, ?, ?)
                ORDER BY tenant, meter, window, starts_at_ns LIMIT ?
                """, start + [.of(limit)])
        }
    return rows.map(OrganizationRows.override)
}

package enum OverrideQueries {
    // As an expression that is true for all, the bound would bound no search: those of all tenants
    // that follow would be read.
    package static let ofTenant: StaticString = """
        SELECT * FROM overrides
        WHERE (tenant, meter, window, starts_at_ns) > (?, ?, ?, ?) AND tenant <= ?
        ORDER BY tenant, meter, window, starts_at_ns LIMIT ?
        """
}

private func keyRecords(
    _ rows: [SQLRow],
    _ sql: any SQLSession
) throws(LedgerError) -> [KeyRecord] {
    try rows.map { row throws(LedgerError) in
        let limits = try sql.all(
            "SELECT * FROM limits WHERE owner_kind = 'key' AND owner = ? ORDER BY position",
            [.of(row["id"] as String)])
        return DirectoryRows.key(row, limits: limits)
    }
}
