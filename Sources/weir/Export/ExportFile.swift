import Foundation

/// Where an export goes: standard output, or a file that appears when it is complete.
final class ExportFile: Sendable {
    private let path: String?
    private let temporary: String
    private let handle: FileHandle

    /// A file at `path`, or standard output for nil and `-`.
    init(path: String?) throws(CommandFailure) {
        guard let path, path != "-" else {
            self.path = nil
            temporary = ""
            handle = .standardOutput
            return
        }
        self.path = path
        temporary = path + ".partial"
        // There are digests of credentials in it.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw CommandFailure("--output: cannot write \(SafeText.line(temporary))")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        if path == nil { return Terminal.show(bytes) }
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw CommandFailure("cannot write the export: \(error.localizedDescription)")
        }
    }

    /// Gives a complete file its name.
    func finish() throws(CommandFailure) {
        guard let path else { return }
        do {
            try handle.synchronize()
        } catch {
            throw CommandFailure("cannot write the export: \(error.localizedDescription)")
        }
        guard rename(temporary, path) == 0 else {
            throw CommandFailure("--output: cannot write \(SafeText.line(path))")
        }
    }

    /// Removes what is not complete.
    func discard() {
        if path != nil { unlink(temporary) }
    }
}
