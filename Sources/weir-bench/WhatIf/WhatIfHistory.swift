import GRDB
import QuotaModel

/// A week of use of many tenants, written straight into a ledger's tables.
struct WhatIfHistory {
    /// How many tenants there are.
    static let tenants = 2_000
    /// How many events each has, over a week.
    static let eventsPerTenant = 1_000
    /// The length of the week, in nanoseconds.
    static let weekNanoseconds: Int64 = 7 * 86_400_000_000_000

    /// When it ends.
    let end: Timestamp

    /// The instant of the first event.
    var start: Timestamp { end.adding(nanoseconds: -Self.weekNanoseconds) }

    /// Writes everything to a database, and answers how many rows of use a plan needs: sums of
    /// hours are of no use for a meter that is recorded by event.
    func write(to path: String) throws -> Int {
        let queue = try DatabaseQueue(path: path)
        return try queue.write { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO tenants (
                        id, name, plan, time_zone, billing_interval, status, currency,
                        created_at_ns, revision)
                    SELECT printf('tenant-%07d', i), 'Tenant', 'free', 'UTC', 'month', 'active',
                        'USD', 0, 1
                    FROM n
                    """, arguments: [Self.tenants - 1])
            // Two keys and two models a tenant, a request every ten minutes.
            let step = Self.weekNanoseconds / Int64(Self.eventsPerTenant)
            let (each, first) = (Self.eventsPerTenant, start.nanoseconds)
            try database.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO events
                    SELECT printf('tenant-%07d', i / \(each)),
                        printf('d_%016x%016x', i * 2654435761, i), 'ai_tokens',
                        200 + i * 7919 % 3000, 0, printf('k_%07d_%d', i / \(each), i % 2),
                        iif(i % 5 = 0, 'gpt-large', 'gpt-small'),
                        \(first) + i % \(each) * \(step),
                        \(first) + i % \(each) * \(step) + 900000000, NULL, NULL, NULL
                    FROM n
                    """, arguments: [Self.tenants * each - 1])
            // The hours of these events, as the ledger keeps them, and of the calls beside them.
            for meter in ["ai_tokens", "api_calls"] {
                try database.execute(
                    sql: """
                        INSERT INTO hourly_usage
                        SELECT tenant, admitted_at_ns - admitted_at_ns % 3600000000000, key, ?,
                            model, sum(units), count(*)
                        FROM events GROUP BY 1, 2, 3, 5
                        """, arguments: [meter])
            }
            return try Int.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM events)
                        + (SELECT count(*) FROM hourly_usage WHERE meter = 'api_calls')
                    """) ?? 0
        }
    }
}
