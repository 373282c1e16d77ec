import GRDB
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
        migrator.registerMigration("4 leases") { database in
            for statement in Tables.leases { try database.execute(sql: statement) }
        }
        return migrator
    }

    /// The plans and meters that every ledger begins with.
    private static func seed(_ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO head (only, revision, batch, hash) VALUES (1, 0, 0, zeroblob(32))")
        for meter in Meter.builtIn { try PlanRows.put(meter, database) }
        for plan in Plan.builtIn { try PlanRows.replace(plan, database) }
    }
}
