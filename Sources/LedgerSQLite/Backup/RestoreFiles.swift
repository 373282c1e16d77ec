import Foundation
import QuotaLedger

/// The files of a restore in a data folder, and the order in which they change.
///
/// 1. The copy is written as `restore.partial`, synced and verified; a crash leaves a file that the
///    next start removes.
/// 2. The old ledger, its log included, gets a second name (a hard link).
/// 3. The copy is renamed to `restore.ready`: from here on the restore has happened. A crash after
///    it is finished by ``finish(in:)``, which every start and every restore begins with.
/// 4. The old log goes, then the copy takes the ledger's name. The other way round a new database
///    would stand beside an old log for a moment, and SQLite would mix the two.
enum RestoreFiles {
    static let partial = "restore.partial"
    static let ready = "restore.ready"
    /// How the names begin under which old ledgers are kept.
    static let keptPrefix = "ledger-until-"

    /// Ends a restore that was interrupted: removes what was not complete, and finishes what was.
    static func recover(in folder: DataFolder) throws(LedgerError) {
        BackupMaker.removeLeftovers(at: folder.path + "/" + BackupMaker.name)
        BackupMaker.removeLeftovers(at: folder.path + "/" + partial)
        try finish(in: folder)
        removeSecondNames(in: folder)
    }

    /// Removes second names of the ledger as it is, of a restore that did not happen.
    private static func removeSecondNames(in folder: DataFolder) {
        let manager = FileManager.default
        func number(_ path: String) -> UInt64? {
            (try? manager.attributesOfItem(atPath: path))?[.systemFileNumber] as? UInt64
        }
        guard let ledger = number(folder.databasePath) else { return }
        for name in (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
        where name.hasPrefix(keptPrefix) && name.hasSuffix(".sqlite") {
            let path = folder.path + "/" + name
            guard number(path) == ledger else { continue }
            for suffix in ["", "-wal"] { unlink(path + suffix) }
        }
    }

    /// Gives a copy that is ready the ledger's name; without one it does nothing.
    static func finish(in folder: DataFolder) throws(LedgerError) {
        let path = folder.path + "/" + ready
        guard FileManager.default.fileExists(atPath: path) else { return }
        for suffix in ["-wal", "-shm", "-journal"] {
            guard unlink(folder.databasePath + suffix) == 0 || errno == ENOENT else {
                throw failure(folder.databasePath + suffix)
            }
        }
        try sync(folder.path)
        guard rename(path, folder.databasePath) == 0 else { throw failure(path) }
        try sync(folder.path)
    }

    /// Whether a ledger lies in the folder, or a part of one.
    static func hasLedger(in folder: DataFolder) -> Bool {
        ["", "-wal"].contains { FileManager.default.fileExists(atPath: folder.databasePath + $0) }
    }

    /// Gives the files of the old ledger a second name, which is answered.
    static func keep(_ folder: DataFolder, as name: String) throws(LedgerError) -> String {
        var path = "\(folder.path)/\(name).sqlite"
        var number = 2
        while FileManager.default.fileExists(atPath: path)
            || FileManager.default.fileExists(atPath: path + "-wal")
        {
            path = "\(folder.path)/\(name)-\(number).sqlite"
            number += 1
        }
        for suffix in ["", "-wal"] {
            guard link(folder.databasePath + suffix, path + suffix) == 0 || errno == ENOENT else {
                throw LedgerError(
                    .unusableFolder,
                    "the old ledger can't be kept as \(path) (\(String(cString: strerror(errno))))"
                        + ": move it away yourself, or restore to another folder")
            }
        }
        try sync(folder.path)
        return path
    }

    /// Waits until a file or a folder is on the disk.
    static func sync(_ path: String) throws(LedgerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// What the last call of the system failed with.
    static func failure(_ path: String) -> LedgerError {
        let code = errno
        return LedgerError(
            code == ENOSPC || code == EDQUOT ? .diskFull : .unusableFolder,
            "\(path) can't be written: \(String(cString: strerror(code)))")
    }
}
