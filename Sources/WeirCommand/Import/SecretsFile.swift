import Foundation
import StrictJSON
import Synchronization
import WeirClient

/// The file for new secrets, which only its owner can read.
///
/// Secrets are written and synced as they arrive; what cannot be written goes to standard error
/// instead, because a secret that is lost cannot be had again.
final class SecretsFile: Sendable {
    /// What is wrong with a row that would make a secret where none can be kept.
    static let missing =
        "has no credential, so that a new secret would be made: say with --secrets-out where to"
        + " write it"

    private let handle: Mutex<FileHandle>

    /// Opens a file at its end, with mode 0600; a pipe or a device keeps its own.
    ///
    /// What is named below /dev may be a link, as the shell makes them.
    init(path: String) throws(CommandFailure) {
        let link = path.hasPrefix("/dev/") ? 0 : O_NOFOLLOW
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | link, 0o600)
        guard descriptor >= 0,
            !OpenedFile.isOrdinary(descriptor) || fchmod(descriptor, 0o600) == 0
        else {
            throw CommandFailure("--secrets-out: cannot write \(SafeText.line(path))")
        }
        handle = Mutex(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    /// Writes the keys of an answer: `{"id":"k_1","key":"wk_live_…"}` on a line each.
    ///
    /// - Returns: false when they could only be shown.
    func write(_ keys: [JSONValue]) -> Bool {
        var bytes: [UInt8] = []
        for key in keys { bytes += SafeJSON.line(key) }
        return handle.withLock { handle in
            do {
                try handle.write(contentsOf: Data(bytes))
                // Neither a pipe nor a terminal can be synced.
                if OpenedFile.isOrdinary(handle.fileDescriptor) { try handle.synchronize() }
                return true
            } catch {
                Terminal.say("--secrets-out cannot be written (\(error.localizedDescription));")
                Terminal.say("these are the secrets, shown this once:")
                Terminal.say(String(decoding: bytes, as: UTF8.self), terminator: "")
                return false
            }
        }
    }
}
