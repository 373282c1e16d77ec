import GRDB
import QuotaModel
import QuotaNode

/// Tenants with a plan, a bought top-up, and every other one with an override.
struct EffectiveLimitTenants: Sendable {
    static let count = 100_000
    static let meter = Meter.aiTokens.id
    private static let planned: Int64 = 5_000_000
    private static let overridden: Int64 = 7_000_000
    private static let bought: Int64 = 1_000_000
    private static let templates = ["template-0", "template-1"]

    static func id(_ number: Int) -> TenantID {
        let digits = String(number)
        return TenantID(
            trusted: "tenant-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits)
    }

    /// The limit that a tenant must have.
    static func quantity(_ number: Int) -> Int64 {
        (number.isMultiple(of: 2) ? planned : overridden) + bought
    }

    /// Makes two tenants as they are made ever, and copies of their rows.
    static func write(_ node: QuotaNode, to path: String) async throws {
        let plan = PlanID(trusted: "bench-effective")
        _ = try await node.put(
            Plan(
                id: plan, name: plan.text, weight: 1,
                limits: [
                    Limit(meter: meter, window: .month, quantity: planned),
                    Limit(meter: meter, window: .day, quantity: planned),
                    Limit(meter: Meter.apiCalls.id, window: .month, quantity: planned),
                ]))
        for (number, text) in templates.enumerated() {
            let id = TenantID(trusted: text)
            _ = try await node.create(Tenant(id: id, plan: plan, createdAt: node.now))
            if number == 1 {
                _ = try await node.putOverride(
                    LimitOverride.ID(tenant: id, meter: meter, window: .month),
                    effect: .quantity(overridden), expiresAt: nil, periods: nil)
            }
            _ = try await node.grant(
                TopUp(id: TopUpID(trusted: "g_bench"), granted: bought, grantedAt: node.now),
                to: id, meter: meter, window: .month)
        }
        try await node.fold()
        try copy(path)
    }

    private static func copy(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            for table in ["tenants", "overrides", "accounts"] {
                let columns = try database.columns(in: table).map(\.name)
                let owner = table == "tenants" ? "id" : "tenant"
                let values = columns.map { $0 == owner ? "printf('tenant-%07d', i)" : $0 }
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                        INSERT INTO \(table) (\(columns.joined(separator: ", ")))
                        SELECT \(values.joined(separator: ", "))
                        FROM n JOIN \(table) ON \(owner) = 'template-' || (i % 2)
                        """, arguments: [count - 1])
            }
        }
    }
}
