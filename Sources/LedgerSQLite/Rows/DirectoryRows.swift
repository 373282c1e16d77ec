import Foundation
import GRDB
import QuotaLedger
import QuotaModel

/// Tenants and API keys as rows.
enum DirectoryRows {
    static func tenant(_ row: Row) -> Tenant {
        let anchor: String? = row["billing_anchor"]
        return Tenant(
            id: TenantID(trusted: row["id"]),
            name: row["name"],
            plan: PlanID(trusted: row["plan"]),
            organization: row["organization"],
            timeZone: row["time_zone"],
            billingAnchor: anchor.flatMap { LocalDateTime($0) },
            billingInterval: Tenant.BillingInterval(rawValue: row["billing_interval"]) ?? .month,
            status: Tenant.Status(rawValue: row["status"]) ?? .suspended,
            currency: row["currency"],
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            revision: row["revision"])
    }

    static func insert(_ tenant: Tenant, _ sql: SQL) throws {
        try sql.run(
            """
            INSERT INTO tenants (
                id, name, plan, organization, time_zone, billing_anchor, billing_interval,
                status, currency, created_at_ns, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(tenant.id.text)
            row.add(tenant.name)
            row.add(tenant.plan.text)
            row.add(tenant.organization)
            row.add(tenant.timeZone)
            row.add(tenant.billingAnchor?.description)
            row.add(tenant.billingInterval.rawValue)
            row.add(tenant.status.rawValue)
            row.add(tenant.currency)
            row.add(tenant.createdAt.nanoseconds)
            row.add(tenant.revision)
        }
    }

    /// A key; the limits are its rows of `limits`, in order.
    static func key(_ row: Row, limits: [Row]) -> KeyRecord {
        let expiresAt: Int64? = row["expires_at_ns"]
        let key = APIKey(
            id: APIKeyID(trusted: row["id"]),
            tenant: TenantID(trusted: row["tenant"]),
            name: row["name"],
            status: APIKey.Status(rawValue: row["status"]) ?? .suspended,
            isTest: row["is_test"],
            limits: limits.map(PlanRows.limit),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]),
            expiresAt: expiresAt.map(Timestamp.init(nanoseconds:)),
            revision: row["revision"])
        let digest: Data = row["digest"]
        return KeyRecord(
            key: key,
            credential: KeyCredential(
                publicID: row["public_id"], digest: Array(digest),
                pepperVersion: row["pepper_version"]))
    }

    static func insert(_ record: KeyRecord, _ sql: SQL, _ database: Database) throws {
        let key = record.key
        try sql.run(
            """
            INSERT INTO api_keys (
                id, tenant, name, status, is_test, created_at_ns, expires_at_ns, revision,
                public_id, digest, pepper_version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(key.id.text)
            row.add(key.tenant.text)
            row.add(key.name)
            row.add(key.status.rawValue)
            row.add(key.isTest)
            row.add(key.createdAt.nanoseconds)
            row.add(key.expiresAt?.nanoseconds)
            row.add(key.revision)
            row.add(record.credential.publicID)
            row.add(record.credential.digest)
            row.add(record.credential.pepperVersion)
        }
        try PlanRows.insert(key.limits, owner: .key, id: key.id.text, database)
    }
}
