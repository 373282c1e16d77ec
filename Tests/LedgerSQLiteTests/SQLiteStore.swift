import LedgerSQLite
import QuotaLedger
import QuotaTesting
import Synchronization

/// The embedded ledger in a folder of its own, with a manual clock.
final class SQLiteStore: Sendable {
    let clock = ManualClock()
    let folder: TemporaryFolder
    let dataFolder: DataFolder
    private let current: Mutex<LedgerSQLite>

    init() throws {
        folder = try TemporaryFolder()
        dataFolder = try DataFolder(path: folder.path)
        current = Mutex(try LedgerSQLite(folder: dataFolder, clock: clock.read))
    }

    var ledger: LedgerSQLite { current.withLock { $0 } }

    /// Closes the ledger and opens it again on the same folder.
    func reopen() async throws -> LedgerSQLite {
        try await ledger.close()
        let opened = try LedgerSQLite(folder: dataFolder, clock: clock.read)
        current.withLock { $0 = opened }
        return opened
    }

    var harness: LedgerHarness {
        LedgerHarness(clock: clock, ledger: ledger) { try await self.reopen() }
    }
}
