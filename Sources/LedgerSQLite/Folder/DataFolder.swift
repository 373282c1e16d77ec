import Foundation
public import QuotaLedger
import Synchronization

/// The folder that one server keeps its data in, locked until it is unlocked, or this value
/// goes.
public final class DataFolder: Sendable {
    /// The folder's path.
    public let path: String
    /// The lock's file; nil once it is unlocked.
    private let lock: Mutex<Int32?>

    /// Creates the folder where it is missing, checks that it can be written to, and locks it.
    ///
    /// - Throws: `unusable_folder` when it can't be created or written to, `locked` when another
    ///   server uses it.
    public init(path: String) throws(LedgerError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw LedgerError(
                .unusableFolder,
                "the data folder \(path) can't be created; choose another one with --data")
        }
        let lockPath = path + "/lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(
                .unusableFolder,
                "the data folder \(path) can't be written to "
                    + "(\(String(cString: strerror(errno)))); make it writable or choose "
                    + "another one with --data")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw LedgerError(
                .locked,
                "another server uses the data folder \(path); stop it or choose another one "
                    + "with --data")
        }
        lock = Mutex(descriptor)
    }

    deinit { unlock() }

    /// Lets others have the folder; a second call does nothing.
    package func unlock() {
        lock.withLock { lock in
            guard let descriptor = lock else { return }
            // Said in words: a child that is just being started has the descriptor too, until it
            // is its own program, and would hold the lock as long.
            flock(descriptor, LOCK_UN)
            close(descriptor)
            lock = nil
        }
    }

    /// The path of the ledger's database.
    public var databasePath: String { path + "/ledger.sqlite" }
}
