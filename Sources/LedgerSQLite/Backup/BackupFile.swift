import Foundation
import QuotaLedger

/// A finished copy: a file without a name, so that nothing is left of it when it is closed, however
/// the process ends.
final class BackupFile: Sendable {
    private static let queue = DispatchQueue(label: "weir.backup.read", qos: .utility)

    let sizeBytes: Int64
    private let descriptor: Int32
    private let slot: BackupSlot

    /// Opens the file and takes its name away; the slot is freed with this value.
    init?(takingOver path: String, slot: BackupSlot) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.slot = slot
        sizeBytes = Int64(lseek(descriptor, 0, SEEK_END))
        unlink(path)
    }

    deinit {
        close(descriptor)
        slot.free()
    }

    /// Reads without holding up a thread of the server.
    func read(at offset: Int64, count: Int) async throws(LedgerError) -> [UInt8] {
        let result: Result<[UInt8], LedgerError> = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(returning: self.readNow(at: offset, count: count))
            }
        }
        return try result.get()
    }

    private func readNow(at offset: Int64, count: Int) -> Result<[UInt8], LedgerError> {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = pread(
                    descriptor, buffer.baseAddress! + filled, count - filled,
                    off_t(offset) + off_t(filled))
                if part < 0, errno == EINTR { continue }
                if part < 0 { code = errno }
                if part <= 0 { return }
                filled += part
            }
        }
        guard code == 0 else {
            let why = String(cString: strerror(code))
            return .failure(LedgerError(.backupFailed, "the copy can't be read: \(why)"))
        }
        return .success(bytes)
    }
}
