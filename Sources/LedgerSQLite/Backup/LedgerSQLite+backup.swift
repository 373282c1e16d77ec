// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Foundation
public import QuotaLedger

extension LedgerSQLite: BackupSource {
    private static let copyQueue = DispatchQueue(label: "weir.backup", qos: .utility)

    public func backup() async throws(LedgerError) -> LedgerBackup {
        guard backupSlot.take() else {
            throw LedgerError(.backupRunning, "a backup is being made or read already")
        }
        let (database, slot) = (folder.databasePath, backupSlot)
        let path = folder.path + "/" + BackupMaker.name
        let result: Result<LedgerBackup, LedgerError> = await withCheckedContinuation {
            continuation in
            Self.copyQueue.async {
                continuation.resume(
                    returning: Result { () throws(LedgerError) in
                        try Self.make(of: database, at: path, slot: slot)
                    })
            }
        }
        return try result.get()
    }

    private static func make(
        of database: String,
        at path: String,
        slot: BackupSlot
    ) throws(LedgerError) -> LedgerBackup {
        let head: LedgerHead
        do {
            head = try BackupMaker.copy(database, to: path)
        } catch {
            slot.free()
            throw error
        }
        guard let file = BackupFile(takingOver: path, slot: slot) else {
            BackupMaker.removeLeftovers(at: path)
            slot.free()
            throw LedgerError(.backupFailed, "the copy can't be opened")
        }
        return LedgerBackup(sizeBytes: file.sizeBytes, head: head) {
            offset, count throws(LedgerError) in
            try await file.read(at: offset, count: count)
        }
    }
}
