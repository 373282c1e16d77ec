import Foundation
import WeirClient

/// Where an export goes: standard output, a file that appears when it is complete, or what is
/// there already and is no file: a pipe or a device.
final class ExportFile: Sendable {
    /// The file's path and that of its beginning; nil where nothing is to be renamed.
    private let names: (path: String, temporary: String)?
    /// Nil for standard output.
    private let handle: FileHandle?

    /// A file at `path`, or standard output for nil and `-`.
    init(path: String?) throws(CommandFailure) {
        guard let path, path != "-", path != "/dev/stdout" else {
            (names, handle) = (nil, nil)
            return
        }
        let existing = open(path, O_WRONLY)
        if existing >= 0, !OpenedFile.isOrdinary(existing) {
            names = nil
            handle = FileHandle(fileDescriptor: existing, closeOnDealloc: true)
            return
        }
        let isUsable = existing >= 0 || errno == ENOENT
        if existing >= 0 { close(existing) }
        guard isUsable else {
            throw CommandFailure("--output: cannot write \(SafeText.line(path))")
        }
        // Behind a symbolic link stands the file that is meant.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let temporary = target + ".partial"
        names = (target, temporary)
        // There are digests of credentials in it.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw CommandFailure("--output: cannot write \(SafeText.line(temporary))")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        guard let handle else { return Terminal.show(bytes) }
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw CommandFailure("cannot write the export: \(error.localizedDescription)")
        }
    }

    /// Gives a complete file its name.
    func finish() throws(CommandFailure) {
        guard let names else { return }
        do {
            try handle?.synchronize()
        } catch {
            throw CommandFailure("cannot write the export: \(error.localizedDescription)")
        }
        guard rename(names.temporary, names.path) == 0 else {
            throw CommandFailure("--output: cannot write \(SafeText.line(names.path))")
        }
    }

    /// Removes what is not complete.
    func discard() {
        if let names { unlink(names.temporary) }
    }
}
