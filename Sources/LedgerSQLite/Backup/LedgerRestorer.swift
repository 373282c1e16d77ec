import Foundation
import GRDB
package import QuotaLedger
package import QuotaModel

/// Makes a backup the ledger of a data folder.
package enum LedgerRestorer {
    private static let chunkBytes = 1_048_576

    /// Verifies a backup and puts it into a data folder in which no server runs.
    ///
    /// What is verified is the copy in the folder, so that what was read is what will be used.
    ///
    /// - Parameters:
    ///   - file: the backup.
    ///   - path: the data folder; it is created where it is missing.
    ///   - replacing: whether a ledger that is there is replaced; it is kept under another name.
    ///   - now: the time, for that name.
    /// - Returns: what was restored.
    /// - Throws: `ledger_exists`, `differs`, `locked`, `disk_full`, `older_schema`, `newer_schema`
    ///   or `unusable_folder`; the folder's ledger is as it was then.
    package static func restore(
        _ file: String,
        to path: String,
        replacing: Bool,
        now: Timestamp
    ) throws(LedgerError) -> RestoredLedger {
        try requireBackup(file)
        let folder = try DataFolder(path: path)
        try RestoreFiles.recover(in: folder)
        let hasLedger = RestoreFiles.hasLedger(in: folder)
        guard replacing || !hasLedger else {
            throw LedgerError(
                .ledgerExists,
                "there is a ledger in \(path) already: name another folder with --data, or add "
                    + "--force, which keeps the old one under a name with the date")
        }
        let partial = path + "/" + RestoreFiles.partial
        do throws(LedgerError) {
            try copy(file, to: partial)
            let verification = try LedgerVerifier.verify(file: partial, named: file)
            guard verification.isFine else { throw Self.difference(verification, in: file) }
            let (generation, hasKeys) = try Self.prepare(partial)
            try RestoreFiles.sync(partial)
            let kept = hasLedger ? try RestoreFiles.keep(folder, as: Self.name(at: now)) : nil
            guard rename(partial, path + "/" + RestoreFiles.ready) == 0 else {
                throw RestoreFiles.failure(partial)
            }
            try RestoreFiles.sync(path)
            try RestoreFiles.finish(in: folder)
            return RestoredLedger(
                verification: verification, generation: generation, keptPath: kept,
                needsPepper: hasKeys && !hasPepper(path), hasJournal: hasJournal(path))
        } catch {
            try? RestoreFiles.recover(in: folder)
            throw error
        }
    }

    private static func requireBackup(_ file: String) throws(LedgerError) {
        let manager = FileManager.default
        let path = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        let type = try? manager.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard type == .typeRegular else {
            throw LedgerError(
                .unusableFolder, "\(file) is no file: name one that weir backup wrote")
        }
        let log = try? manager.attributesOfItem(atPath: file + "-wal")
        guard (log?[.size] as? NSNumber)?.int64Value ?? 0 == 0 else {
            throw LedgerError(
                .unusableFolder,
                "\(file) has a log beside it and is not complete alone: start a server on its "
                    + "folder and make a backup with weir backup")
        }
    }

    private static func copy(_ file: String, to path: String) throws(LedgerError) {
        let source = open(file, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else {
            throw LedgerError(
                .unusableFolder,
                "\(file) can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(source) }
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw RestoreFiles.failure(path) }
        defer { close(target) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw LedgerError(
                    .unusableFolder,
                    "\(file) can't be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let written = write(target, part.baseAddress, part.count)
                if written < 0, errno == EINTR { continue }
                guard written >= 0 else { throw RestoreFiles.failure(path) }
                rest = rest.dropFirst(written)
            }
        }
        guard fsync(target) == 0 else { throw RestoreFiles.failure(path) }
    }

    /// Marks the copy, whoever made it, and reads what is told about it.
    private static func prepare(
        _ path: String
    ) throws(LedgerError) -> (generation: Int64, hasKeys: Bool) {
        do {
            _ = try BackupMaker.mark(path)
            let copy = try DatabaseQueue(path: path)
            let answer = try copy.read { database in
                let text = try String.fetchOne(
                    database, sql: "SELECT value FROM settings WHERE name = ?",
                    arguments: [LedgerGeneration.setting])
                let hasKeys = try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT 1 FROM api_keys)")
                return (LedgerGeneration.number(text) + 1, hasKeys ?? false)
            }
            try copy.close()
            return answer
        } catch {
            throw LedgerError(error)
        }
    }

    private static func difference(
        _ verification: LedgerVerification,
        in file: String
    ) -> LedgerError {
        let failed = verification.checks.filter { !$0.isFine }
        let first = failed.first?.first
        let names = failed.map(\.name.rawValue).joined(separator: ", ")
        return LedgerError(
            .differs,
            "\(file) is not as its own log says (\(names); first at \(first?.place ?? "")): "
                + "nothing was restored; weir verify --file shows it, and an older backup may be "
                + "right")
    }

    private static func name(at now: Timestamp) -> String {
        let text = now.description.prefix { $0 != "." && $0 != "Z" }
        return RestoreFiles.keptPrefix + text.replacing(":", with: "")
    }

    private static func hasJournal(_ path: String) -> Bool {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path + "/journal")
        return names?.isEmpty == false
    }

    private static func hasPepper(_ path: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.contains { $0.hasPrefix("pepper-") }
    }
}
