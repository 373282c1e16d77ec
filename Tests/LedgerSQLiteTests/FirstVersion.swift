import Foundation
import GRDB
@testable import LedgerSQLite
import QuotaLedger
import QuotaModel

/// A database as the first version of the schema left it, with rows in every table.
///
/// Two tenants: `acme`, with everything there is, and `beta`, with a little of its own. The last
/// revision is 9, the last batch of entries 2.
struct FirstVersion {
    static let acme = TenantID(trusted: "acme")
    static let beta = TenantID(trusted: "beta")
    static let month = AccountKey(tenant: acme, limit: "tenant:ai_tokens/month")
    static let october = Self.instant("2026-10-01T00:00:00Z")
    static let november = Self.instant("2026-11-01T00:00:00Z")
    static let december = Self.instant("2026-12-01T00:00:00Z")
    /// When everything was written.
    static let now = Self.instant("2026-11-21T10:00:00Z")

    /// An instant in RFC 3339.
    static func instant(_ text: String) -> Timestamp { Timestamp(text) ?? .distantPast }

    /// Writes the database to a path where there is none.
    static func write(to path: String) throws {
        let database = try DatabaseQueue(path: path)
        try Migrations.migrator.migrate(database, upTo: "1 ledger")
        try database.write { database in
            for statement in directory + balances + reservations + usage {
                try database.execute(sql: statement)
            }
            try writeLog(database)
        }
        try database.close()
    }

    private static let directory = [
        """
        INSERT INTO tenants (
            id, name, plan, organization, time_zone, billing_anchor, billing_interval, status,
            currency, created_at_ns, revision)
        VALUES
            ('acme', 'ACME', 'team', 'org', 'Africa/Lagos', '2026-01-31T09:30', 'year',
                'suspended', 'NGN', 1, 9),
            ('beta', 'Beta', 'free', NULL, 'UTC', NULL, 'month', 'active', 'USD', 2, 4)
        """,
        """
        INSERT INTO api_keys (
            id, tenant, name, status, is_test, created_at_ns, expires_at_ns, revision, public_id,
            digest, pepper_version)
        VALUES
            ('k1', 'acme', 'prod', 'active', 0, 3, NULL, 6, 'public-1', x'0102', 1),
            ('k2', 'acme', 'old', 'revoked', 1, 4, 5, 7, 'public-2', x'0304', 2)
        """,
        "INSERT INTO plans (id, name, weight, revision) VALUES ('team', 'Team', 3, 5)",
        """
        INSERT INTO meters (id, kind, recording) VALUES
            ('gpu_seconds', 'counter', 'event'), ('pages', 'counter', 'hourly')
        """,
        """
        INSERT INTO limits (
            owner_kind, owner, position, meter, scope, model, window, quantity, burst,
            soft_percent, warns, mode, on_unavailable, on_unavailable_cap)
        VALUES
            ('plan', 'team', 0, 'ai_tokens', 'tenant', NULL, 'month', 100, NULL, 80, 1,
                'enforce', 'deny', NULL),
            ('plan', 'team', 1, 'pages', 'model', 'gpt', 'minute', NULL, 9, 70, 0, 'shadow',
                'allow', NULL),
            ('key', 'k1', 0, 'ai_tokens', 'key', NULL, 'day', 7, NULL, 80, 1, 'enforce', 'deny',
                NULL),
            ('key', 'k1', 1, 'api_calls', 'organization', NULL, 'hour', 60, 6, 80, 1, 'enforce',
                'allow_capped', 4)
        """,
        "INSERT INTO settings (name, value) VALUES ('admin_token', 'digest')",
    ]

    private static let balances = [
        """
        INSERT INTO accounts (
            tenant, limit_name, period_start_ns, period_end_ns, period_index, rule, meter, window,
            is_tenant_scope, is_unlimited, state, limit_revision, version, capacity, available,
            escrowed, suspect, posted)
        VALUES
            ('acme', 'tenant:ai_tokens/month', \(november.nanoseconds), \(december.nanoseconds),
                10, 'UTC/month', 'ai_tokens', 'month', 1, 0, 'open', 9, 3, 100, 33, 10, 12, 45),
            ('beta', 'tenant:api_calls/month', \(november.nanoseconds), \(december.nanoseconds),
                10, 'UTC/month', 'api_calls', 'month', 1, 1, 'open', 4, 0,
                \(Amount.unlimitedCapacity), \(Amount.unlimitedCapacity - 6), 0, 0, 6)
        """,
        """
        INSERT INTO archives (
            tenant, limit_name, period_start_ns, period_end_ns, period_index, rule, meter, window,
            is_tenant_scope, is_unlimited, limit_revision, version, capacity, available, escrowed,
            suspect, posted, closed_at_ns)
        VALUES
            ('acme', 'tenant:ai_tokens/month', \(october.nanoseconds), \(november.nanoseconds), 9,
                'UTC/month', 'ai_tokens', 'month', 1, 0, 9, 1, 100, 60, 0, 0, 40,
                \(november.nanoseconds + 1))
        """,
        """
        INSERT INTO buckets (tenant, limit_name, missing, steady_ns, wall_ns, life_ns)
        VALUES ('acme', 'tenant:ai_tokens/hour', '36000000000000', \(now.nanoseconds),
            \(now.nanoseconds), 0)
        """,
    ]

    private static let reservations = [
        """
        INSERT INTO reservations (
            id, tenant, key, model, state, on_expiry, ended_by_expiry, admitted_at_ns,
            expires_at_ns, metadata, idempotency_key)
        VALUES
            ('r_held', 'acme', 'k1', 'gpt', 'held', 'suspect', 0, \(now.nanoseconds),
                \(now.nanoseconds + 3_600_000_000_000), '{}', 'order-1'),
            ('r_suspect', 'acme', '_service', NULL, 'suspect', 'suspect', 1, \(now.nanoseconds),
                \(now.nanoseconds + 1), NULL, NULL),
            ('r_settled', 'acme', '_service', NULL, 'settled', 'void', 0, \(now.nanoseconds),
                \(now.nanoseconds + 1), NULL, NULL)
        """,
        """
        INSERT INTO reservation_charges (reservation, position, meter, held, settled) VALUES
            ('r_held', 0, 'ai_tokens', 10, NULL), ('r_suspect', 0, 'ai_tokens', 12, NULL),
            ('r_settled', 0, 'ai_tokens', 20, 15)
        """,
        """
        INSERT INTO reservation_rates (
            reservation, position, limit_name, meter, quantity, burst, window_ns)
        VALUES ('r_held', 0, 'tenant:ai_tokens/hour', 'ai_tokens', 60, 6, 3600000000000)
        """,
        """
        INSERT INTO grants (
            holder, incarnation, sequence, tenant, limit_name, period_start_ns, meter,
            reservation, size, posted, returned, overage, state)
        VALUES
            ('node', 1, 1, 'acme', 'tenant:ai_tokens/month', \(november.nanoseconds), 'ai_tokens',
                'r_held', 10, 0, 0, 0, 'open'),
            ('node', 1, 2, 'acme', 'tenant:ai_tokens/month', \(november.nanoseconds), 'ai_tokens',
                'r_suspect', 12, 0, 0, 0, 'suspect'),
            ('node', 1, 3, 'acme', 'tenant:ai_tokens/month', \(november.nanoseconds), 'ai_tokens',
                'r_settled', 20, 15, 5, 0, 'closed')
        """,
    ]

    private static let hour: Int64 = 3_600_000_000_000

    /// Tokens and GPU seconds are kept by event, calls by the hour; one call has an event as well.
    private static let usage = [
        """
        INSERT INTO events (
            tenant, id, meter, units, overage, key, model, admitted_at_ns, posted_at_ns,
            adjusts_ns, idempotency_key, metadata)
        VALUES
            ('acme', 'd_1', 'ai_tokens', 20, 0, 'k1', 'gpt', \(now.nanoseconds),
                \(now.nanoseconds), NULL, 'order-0', '{"a":1}'),
            ('acme', 'd_2', 'ai_tokens', 10, 2, 'k1', 'gpt', \(now.nanoseconds + hour - 1),
                \(now.nanoseconds + hour), NULL, NULL, NULL),
            ('acme', 'r_settled', 'ai_tokens', 15, 0, '_service', NULL, \(now.nanoseconds),
                \(now.nanoseconds), \(october.nanoseconds), NULL, NULL),
            ('acme', 'd_0', 'ai_tokens', 40, 0, '_service', NULL, \(november.nanoseconds - 1),
                \(november.nanoseconds - 1), NULL, NULL, NULL),
            ('acme', 'd_1', 'gpu_seconds', 3, 0, 'k1', 'gpt', \(now.nanoseconds),
                \(now.nanoseconds), NULL, NULL, NULL),
            ('beta', 'd_3', 'api_calls', 2, 0, '_service', NULL, \(now.nanoseconds),
                \(now.nanoseconds), NULL, 'order-2', NULL)
        """,
        """
        INSERT INTO hourly_usage (tenant, hour_ns, key, meter, model, units, postings) VALUES
            ('beta', \(now.nanoseconds), '_service', 'api_calls', '', 6, 3),
            ('acme', \(now.nanoseconds), 'k1', 'pages', 'gpt', 5, 2)
        """,
        """
        INSERT INTO daily_usage (api_key_id, date, tenant, request_count, last_request_at_ns)
        VALUES ('k1', '2026-11-21', 'acme', 4, \(now.nanoseconds + 7)),
            ('_service', '2026-11-21', 'beta', 3, \(now.nanoseconds))
        """,
        """
        INSERT INTO daily_meter_usage (date, meter, tenant, units, exceeded_until_ns) VALUES
            ('2026-10-31', 'ai_tokens', 'acme', 40, NULL),
            ('2026-11-21', 'ai_tokens', 'acme', 45, \(december.nanoseconds)),
            ('2026-11-21', 'ai_tokens', 'beta', 1, NULL),
            ('2026-11-21', 'api_calls', 'beta', 6, NULL)
        """,
        """
        INSERT INTO answers (tenant, key, fingerprint, status, headers, body, created_at_ns)
        VALUES ('acme', 'order-0', x'0102', 201, 'X-A: b', x'7B7D', \(now.nanoseconds))
        """,
    ]

    /// Two batches that fold to the accounts, and the counters after them.
    private static func writeLog(_ database: Database) throws {
        func entry(_ account: AccountID, _ balances: [Int64]) -> Entry {
            Entry(
                account: account, capacity: balances[0], available: balances[1],
                escrowed: balances[2], suspect: balances[3], posted: balances[4])
        }
        let calls = AccountKey(tenant: beta, limit: "tenant:api_calls/month")
        let unlimited = Amount.unlimitedCapacity
        let rows: [[Entry]] = [
            [entry(AccountID(key: month, periodStart: october), [100, 60, 0, 0, 40])],
            [
                entry(AccountID(key: month, periodStart: november), [100, 33, 10, 12, 45]),
                entry(
                    AccountID(key: calls, periodStart: november),
                    [unlimited, unlimited - 6, 0, 0, 6]),
            ],
        ]
        var head = LedgerHead()
        for entries in rows {
            let batch = EntryBatch(after: head, committedAt: now, entries: entries)
            try database.execute(
                sql: "INSERT INTO entry_batches (number, committed_at_ns, hash) VALUES (?, ?, ?)",
                arguments: [batch.number, now.nanoseconds, Data(batch.hash)])
            for (position, entry) in entries.enumerated() {
                try database.execute(
                    sql: "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        batch.number, position, entry.account.key.tenant.text,
                        entry.account.key.limit.text, entry.account.periodStart.nanoseconds,
                        entry.capacity, entry.available, entry.escrowed, entry.suspect,
                        entry.posted,
                    ])
            }
            head = LedgerHead(revision: 9, batch: batch.number, hash: batch.hash)
        }
        try database.execute(
            sql: "UPDATE head SET revision = ?, batch = ?, hash = ?",
            arguments: [head.revision, head.batch, Data(head.hash)])
    }
}
