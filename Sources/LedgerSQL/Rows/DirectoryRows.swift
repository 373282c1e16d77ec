import QuotaLedger
import QuotaModel

/// Tenants and API keys as rows.
enum DirectoryRows {
    static func tenant(_ row: SQLRow) -> Tenant {
        let anchor: String? = row["billing_anchor"]
        return Tenant(
            id: TenantID(trusted: row["id"]),
            name: row["name"],
            plan: PlanID(trusted: row["plan"]),
            organization: row["organization"],
            timeZone: row["time_zone"],
            billingAnchor: anchor.flatMap { LocalDateTime($0) },
            billingInterval: Tenant.BillingInterval(rawValue: row["billing_interval"]) ?? .month,
            billingBoundaries: StoredBoundaries.value(row["billing_boundaries"]),
            status: Tenant.Status(rawValue: row["status"]) ?? .suspended,
            currency: row["currency"],
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            planSteps: StoredJSON.value(row["plan_steps"], [StoredPlanStep].self)?
                .map(\.step) ?? [],
            revision: row["revision"])
    }

    static func put(_ tenant: Tenant, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO tenants (
                id, name, plan, organization, time_zone, billing_anchor, billing_interval,
                billing_boundaries, status, currency, created_at_ns, plan_steps, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name, plan = excluded.plan, organization = excluded.organization,
                time_zone = excluded.time_zone, billing_anchor = excluded.billing_anchor,
                billing_interval = excluded.billing_interval,
                billing_boundaries = excluded.billing_boundaries, status = excluded.status,
                currency = excluded.currency, plan_steps = excluded.plan_steps,
                revision = excluded.revision
            """
        ) { row in
            row.add(tenant.id.text)
            row.add(tenant.name)
            row.add(tenant.firstPlan.text)
            row.add(tenant.organization)
            row.add(tenant.timeZone)
            row.add(tenant.billingAnchor?.description)
            row.add(tenant.billingInterval.rawValue)
            row.add(StoredBoundaries.text(tenant.billingBoundaries))
            row.add(tenant.status.rawValue)
            row.add(tenant.currency)
            row.add(tenant.createdAt.nanoseconds)
            let steps = tenant.planSteps.map(StoredPlanStep.init)
            row.add(steps.isEmpty ? nil : StoredJSON.text(steps))
            row.add(tenant.revision)
        }
    }

    /// A key; the limits are its rows of `limits`, in order.
    static func key(_ row: SQLRow, limits: [SQLRow]) -> KeyRecord {
        let expiresAt: Int64? = row["expires_at_ns"]
        let lastUsedAt: Int64? = row["last_used_at_ns"]
        let tenant: String? = row["tenant"]
        let previous = previous(row)
        let key = APIKey(
            id: APIKeyID(trusted: row["id"]),
            tenant: tenant.map(TenantID.init(trusted:)),
            name: row["name"],
            status: APIKey.Status(rawValue: row["status"]) ?? .suspended,
            isTest: row["is_test"],
            limits: limits.map(PlanRows.limit),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            expiresAt: expiresAt.map(Timestamp.init(nanoseconds:)),
            lastUsedAt: lastUsedAt.map(Timestamp.init(nanoseconds:)),
            previousSecretExpiresAt: previous?.expiresAt,
            revision: row["revision"])
        let digest: [UInt8] = row["digest"]
        return KeyRecord(
            key: key,
            credential: KeyCredential(
                publicID: row["public_id"], digest: digest,
                pepperVersion: row["pepper_version"], previous: previous))
    }

    private static func previous(_ row: SQLRow) -> KeyCredential.Previous? {
        let digest: [UInt8]? = row["previous_digest"]
        let version: Int64? = row["previous_pepper_version"]
        let expiresAt: Int64? = row["previous_expires_at_ns"]
        guard let digest, let version, let expiresAt else { return nil }
        return KeyCredential.Previous(
            digest: digest, pepperVersion: version,
            expiresAt: Timestamp(nanoseconds: expiresAt))
    }

    static func touch(_ id: APIKeyID, at instant: Timestamp, _ sql: any SQLSession)
        throws(LedgerError)
    {
        try sql.run(
            """
            UPDATE api_keys SET last_used_at_ns = ?
            WHERE id = ? AND (last_used_at_ns IS NULL OR last_used_at_ns < ?)
            """
        ) { row in
            row.add(instant.nanoseconds)
            row.add(id.text)
            row.add(instant.nanoseconds)
        }
    }

    static func put(_ record: KeyRecord, _ sql: any SQLSession) throws(LedgerError) {
        let key = record.key
        try sql.run(
            """
            INSERT INTO api_keys (
                id, tenant, name, status, is_test, created_at_ns, expires_at_ns, revision,
                public_id, digest, pepper_version, previous_digest, previous_pepper_version,
                previous_expires_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name, status = excluded.status,
                expires_at_ns = excluded.expires_at_ns, revision = excluded.revision,
                public_id = excluded.public_id, digest = excluded.digest,
                pepper_version = excluded.pepper_version,
                previous_digest = excluded.previous_digest,
                previous_pepper_version = excluded.previous_pepper_version,
                previous_expires_at_ns = excluded.previous_expires_at_ns
            """
        ) { row in
            row.add(key.id.text)
            row.add(key.tenant?.text)
            row.add(key.name)
            row.add(key.status.rawValue)
            row.add(key.isTest)
            row.add(key.createdAt.nanoseconds)
            row.add(key.expiresAt?.nanoseconds)
            row.add(key.revision)
            row.add(record.credential.publicID)
            row.add(record.credential.digest)
            row.add(record.credential.pepperVersion)
            row.add(record.credential.previous?.digest)
            row.add(record.credential.previous?.pepperVersion)
            row.add(record.credential.previous?.expiresAt.nanoseconds)
        }
        try PlanRows.replace(key.limits, owner: .key, id: key.id.text, sql)
    }
}
