import QuotaLedger
import Synchronization

/// Makes backups in place of a ledger in memory, or as the ledger does; a test can let it fail.
final class StandInBackups: BackupSource {
    private let base: (any BackupSource)?
    private let failure = Mutex<LedgerError?>(nil)

    init(_ base: (any BackupSource)?) {
        self.base = base
    }

    /// Lets every backup fail from now on; nil ends that.
    func fail(_ error: LedgerError?) {
        failure.withLock { $0 = error }
    }

    func backup() async throws(LedgerError) -> LedgerBackup {
        if let error = failure.withLock({ $0 }) { throw error }
        if let base { return try await base.backup() }
        let bytes = Array("SQLite format 3\0 and more".utf8)
        return LedgerBackup(sizeBytes: Int64(bytes.count), head: LedgerHead()) {
            offset, count throws(LedgerError) in
            Array(bytes.dropFirst(Int(offset)).prefix(count))
        }
    }
}
