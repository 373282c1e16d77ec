import Foundation
import GRDB
import LedgerSQL
import QuotaLedger
import QuotaModel

/// The ledger's schema, from its first version on.
///
/// `Documentation/ledger-schema.md` explains each
/// table.
///
/// Migrations only go forward: a released one is never edited.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 ledger") { database in
            for table in Tables.version1 { try database.execute(sql: table) }
            try seed(database)
        }
        migrator.registerMigration("2 administration") { database in
            for statement in Tables.version2 { try database.execute(sql: statement) }
        }
        migrator.registerMigration("3 audit chain") { database in
            for statement in Tables.version3 { try database.execute(sql: statement) }
            try chainAudit(database)
            for statement in Tables.version3End { try database.execute(sql: statement) }
        }
        migrator.registerMigration("4 leases") { database in
            for statement in Tables.leases { try database.execute(sql: statement) }
        }
        migrator.registerMigration("5 billing") { database in
            for statement in Tables.billing { try database.execute(sql: statement) }
        }
        return migrator
    }

    /// The plans and meters that every ledger begins with.
    private static func seed(_ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO head (only, revision, batch, hash) VALUES (1, 0, 0, zeroblob(32))")
        let session = SQLiteSession(database, isBrief: false)
        for meter in Meter.builtIn { try PlanRows.put(meter, session) }
        for plan in Plan.builtIn { try insert(plan, database) }
    }

    /// Writes a plan into the tables as they were at first.
    private static func insert(_ plan: Plan, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO plans (id, name, weight, revision) VALUES (?, ?, ?, ?)",
            arguments: [plan.id.text, plan.name, plan.weight, plan.revision])
        for (position, limit) in plan.limits.enumerated() {
            try database.execute(
                sql: """
                    INSERT INTO limits (
                        owner_kind, owner, position, meter, scope, window, quantity, soft_percent,
                        warns, mode, on_unavailable)
                    VALUES ('plan', ?, ?, ?, 'tenant', ?, ?, ?, ?, ?, 'deny')
                    """,
                arguments: [
                    plan.id.text, position, limit.meter.text, limit.window.rawValue,
                    limit.quantity, limit.softPercent, limit.warns, limit.mode.rawValue,
                ])
        }
    }

    /// Chains the changes that were noted before there was a chain.
    private static func chainAudit(_ database: Database) throws {
        guard let row = try Row.fetchOne(database, sql: "SELECT batch, hash FROM head") else {
            return
        }
        let batchHash: Data = row["hash"]
        var head = LedgerHead(batch: row["batch"], hash: Array(batchHash))
        let session = SQLiteSession(database, isBrief: false)
        try session.each("SELECT * FROM audit ORDER BY number", []) { row throws(LedgerError) in
            let entry = AuditRows.entry(row)
            head.audit = entry.number
            head.auditHash = AuditLink.hash(
                previous: head.auditHash, entry: entry, batch: head.batch, batchHash: head.hash)
            let note = entry.note
            try session.run("INSERT INTO audit2 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") { row in
                row.add(entry.number)
                row.add(entry.at.nanoseconds)
                row.add(note.actor)
                row.add(note.action)
                row.add(note.subject)
                row.add(note.tenant?.text)
                row.add(note.reason)
                row.add(note.details)
                row.add(head.batch)
                row.add(head.auditHash)
            }
            return true
        }
        try database.execute(
            sql: "UPDATE head SET audit = ?, audit_hash = ?",
            arguments: [head.audit, Data(head.auditHash)])
    }
}
