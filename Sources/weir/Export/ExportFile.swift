import Foundation
import WeirClient

/// Where an export goes: standard output, a file that appears when it is complete, or what is
/// there already and is no file: a pipe or a device.
final class ExportFile: Sendable {
    /// The file's path and that of its beginning; nil where nothing is to be renamed.
    private let names: (path: String, temporary: String)?
    /// Nil for standard output.
    private let handle: FileHandle?
    private let shownPath: String

    /// Opens `path`, or standard output for nil and `-`; of a pipe a reader is waited for.
    static func open(path: String?) async throws -> ExportFile {
        guard let path, path != "-", path != "/dev/stdout" else {
            return ExportFile(names: nil, handle: nil, shownPath: "standard output")
        }
        guard let special = try await special(path) else { return try ordinary(path) }
        return ExportFile(names: nil, handle: special, shownPath: SafeText.line(path))
    }

    private init(names: (path: String, temporary: String)?, handle: FileHandle?, shownPath: String)
    {
        self.names = names
        self.handle = handle
        self.shownPath = shownPath
    }

    /// What is there and is no file, or has the name of a device; nil for anything else.
    private static func special(_ path: String) async throws -> FileHandle? {
        // What stands in the file behind such a name, of the shell's making, stays.
        let isDevice = path.hasPrefix("/dev/")
        while true {
            // Without blocking: a pipe that nobody reads would hold this thread for ever.
            let descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_NONBLOCK)
            let code = errno
            guard descriptor < 0 else {
                let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                if !isDevice, OpenedFile.isOrdinary(descriptor) { return nil }
                _ = fcntl(descriptor, F_SETFL, O_APPEND)
                return handle
            }
            switch code {
            case ENXIO: try await Task.sleep(for: .milliseconds(50))
            case ENOENT where !isDevice: return nil
            default: throw failure(path, code)
            }
        }
    }

    private static func ordinary(_ path: String) throws -> ExportFile {
        if path.isEmpty || path.hasSuffix("/") { throw failure(path, EISDIR) }
        // Behind a symbolic link stands the file that is meant, be it there or not.
        var target = path
        for _ in 0..<40 {
            guard
                let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target)
            else { break }
            let folder = (target as NSString).deletingLastPathComponent
            target = next.hasPrefix("/") ? next : (folder as NSString).appendingPathComponent(next)
        }
        let temporary = target + ".partial"
        // There are digests of credentials in it.
        let descriptor = Foundation.open(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw failure(temporary, errno)
        }
        return ExportFile(
            names: (target, temporary),
            handle: FileHandle(fileDescriptor: descriptor, closeOnDealloc: true),
            shownPath: SafeText.line(path))
    }

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        let why = String(cString: strerror(code))
        return CommandFailure("--output: cannot write \(SafeText.line(path)): \(why)")
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        guard let handle else { return Terminal.show(bytes) }
        guard let code = Terminal.write(bytes, to: handle.fileDescriptor) else { return }
        if code == EPIPE { Terminal.endQuietly() }
        throw Self.failure(shownPath, code)
    }

    /// Gives a complete file its name.
    func finish() throws(CommandFailure) {
        guard let names, let handle else { return }
        guard fsync(handle.fileDescriptor) == 0, rename(names.temporary, names.path) == 0 else {
            throw Self.failure(shownPath, errno)
        }
    }

    /// Removes what is not complete.
    func discard() {
        if let names { unlink(names.temporary) }
    }
}
