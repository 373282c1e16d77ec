import LedgerSQL
import PostgresWire
import QuotaLedger
import QuotaModel

/// The ledger's schema, from its first version on.
///
/// `Documentation/ledger-schema.md` explains each table. Migrations only go forward: a released one
/// is never edited. Nodes that start at once come one after the other, under a lock.
enum Migrations {
    /// A version of the schema.
    private struct Migration: Sendable {
        let number: Int64
        let name: String
        let statements: [String]
    }

    private static let all = [
        Migration(number: 1, name: "ledger", statements: Tables.version1)
    ]

    /// The version that this program knows.
    static var newest: Int64 { all.last?.number ?? 0 }

    /// Brings the schema up to date.
    ///
    /// - Throws: `newer_schema` when a newer program wrote it; `unreachable` for a replica.
    static func run(on session: PostgresSession) throws(LedgerError) {
        try refuseReplica(session)
        try session.transaction { () throws(LedgerError) in
            // One number for all; the first eight letters of the project's name, as it were.
            _ = try session.send([
                PostgresStatement("SELECT pg_advisory_xact_lock(8241989471297564)"),
                PostgresStatement(
                    """
                    CREATE TABLE IF NOT EXISTS weir_migrations (
                        number bigint PRIMARY KEY,
                        name text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT now()
                    )
                    """),
            ])
            let applied =
                try session
                .first(
                    "SELECT coalesce(max(number), 0) AS number FROM weir_migrations"
                )
                .map { $0["number"] as Int64 } ?? 0
            guard applied <= newest else {
                throw LedgerError(
                    .newerSchema,
                    "\(session.connection.address) was written by a newer Weir (version "
                        + "\(applied) of the schema, this one knows \(newest)): run that version, "
                        + "or restore a backup made before the upgrade")
            }
            for migration in all where migration.number > applied {
                try apply(migration, session)
            }
        }
    }

    private static func apply(
        _ migration: Migration,
        _ session: PostgresSession
    ) throws(LedgerError) {
        _ = try session.send(migration.statements.map { PostgresStatement($0) })
        if migration.number == 1 { try seed(session) }
        try session.run("INSERT INTO weir_migrations (number, name) VALUES (?, ?)") { row in
            row.add(migration.number)
            row.add(migration.name)
        }
    }

    /// The plans and meters that every ledger begins with.
    private static func seed(_ session: PostgresSession) throws(LedgerError) {
        let nothing = [UInt8](repeating: 0, count: 32)
        try session.run(
            """
            INSERT INTO head (only, revision, batch, hash, audit, audit_hash)
            VALUES (1, 0, 0, ?, 0, ?)
            """
        ) { row in
            row.add(nothing)
            row.add(nothing)
        }
        for meter in Meter.builtIn { try PlanRows.put(meter, session) }
        for plan in Plan.builtIn { try PlanRows.replace(plan, session) }
    }

    private static func refuseReplica(_ session: PostgresSession) throws(LedgerError) {
        let row = try session.first("SELECT pg_is_in_recovery()::int AS is_replica")
        guard row.map({ $0["is_replica"] as Int64 }) == 0 else {
            throw LedgerError(
                .unreachable,
                "\(session.connection.address) is a read-only replica: name the primary, or add "
                    + "target_session_attrs=read-write to an address with several hosts")
        }
    }
}
