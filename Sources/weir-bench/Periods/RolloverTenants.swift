import GRDB
import QuotaModel

/// Tenants whose month ends at the same instant; how much of it each has used follows from its
/// number.
struct RolloverTenants: Sendable {
    /// What the plan gives a month.
    static let quantity: Int64 = 1_000_000
    /// The most percent of that which are carried.
    static let capPercent = 50
    /// The tenant that all others are copies of.
    static let template = TenantID(trusted: "template")
    /// How many are written in one transaction.
    private static let chunk = 50_000
    private static let thresholdPercent: Int64 = 80

    let count: Int
    /// When the month ends.
    let boundary: Timestamp

    func id(_ number: Int) -> TenantID { TenantID(trusted: Self.text(number)) }

    private static func text(_ number: Int) -> String {
        let digits = String(number)
        return "tenant-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    }

    /// What a tenant has used before anything is measured; all have some units left.
    func used(_ number: Int) -> Int64 { 1_000 + Int64(number) * 7_919 % 998_000 }

    /// What a month leaves of which so much was used: an oracle of one line.
    static func left(used: Int64) -> (carried: Int64, expired: Int64) {
        let carried = min(quantity - used, quantity * Int64(capPercent) / 100)
        return (carried, quantity - used - carried)
    }

    /// Writes them into a ledger as copies of the template, straight into its tables.
    func write(to path: String) throws {
        let queue = try DatabaseQueue(path: path)
        for start in stride(from: 0, to: count, by: Self.chunk) {
            let last = min(start + Self.chunk, count) - 1
            try queue.write { database in
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                        INSERT INTO tenants (
                            id, name, plan, organization, time_zone, billing_anchor,
                            billing_interval, status, currency, created_at_ns, plan_steps, revision)
                        SELECT printf('tenant-%07d', i), name, plan, organization, time_zone,
                            billing_anchor, billing_interval, status, currency, created_at_ns,
                            plan_steps, revision
                        FROM n JOIN tenants ON id = ?
                        """, arguments: [start, last, Self.template.text])
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(i, used) AS (
                            SELECT ?1, 1000 + ?1 * 7919 % 998000
                            UNION ALL SELECT i + 1, 1000 + (i + 1) * 7919 % 998000
                            FROM n WHERE i < ?2)
                        INSERT INTO accounts (
                            tenant, limit_name, period_start_ns, period_end_ns, period_index,
                            rule, meter, window, is_tenant_scope, terms, thresholds, told,
                            is_unlimited, extra, state, limit_revision, version, capacity,
                            available, escrowed, suspect, posted, next_expiry_ns)
                        SELECT printf('tenant-%07d', i), limit_name, period_start_ns,
                            period_end_ns, period_index, rule, meter, window, is_tenant_scope,
                            terms, thresholds, iif(used >= capacity * ?3 / 100, ?3, NULL),
                            is_unlimited, extra, state, limit_revision, version, capacity,
                            capacity - used, 0, 0, used, next_expiry_ns
                        FROM n JOIN accounts ON tenant = ?4
                        """,
                    arguments: [start, last, Self.thresholdPercent, Self.template.text])
            }
        }
    }
}
