package import LedgerPostgres
package import LedgerSQLite
package import QuotaLedger

/// Where the ledger of a node is.
package enum LedgerPlace: Sendable {
    /// In the data folder.
    case embedded
    /// In a database that the nodes of a fleet share.
    case postgres(PostgresOptions)
}

/// A ledger that is open, with the data folder that is locked for it.
package struct OpenLedger: Sendable {
    package let ledger: any Ledger
    package let folder: DataFolder
    /// What makes copies of it; nil for one that its database's own tools copy.
    package let backups: (any BackupSource)?
    private let closing: @Sendable () async throws(LedgerError) -> Void

    init(_ ledger: LedgerSQLite) {
        self.ledger = ledger
        folder = ledger.folder
        backups = ledger
        closing = { () async throws(LedgerError) in try await ledger.close() }
    }

    init(_ ledger: LedgerPostgres, folder: DataFolder) {
        self.ledger = ledger
        self.folder = folder
        backups = nil
        closing = { () async throws(LedgerError) in await ledger.close() }
    }

    /// Lets others have the data folder.
    package func unlock() { folder.unlock() }

    /// Does what still waits and closes it; a second close does nothing.
    package func close() async throws(LedgerError) { try await closing() }
}
