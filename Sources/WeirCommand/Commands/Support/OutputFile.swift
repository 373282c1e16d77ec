import Foundation
import WeirClient

/// Where an export or a backup goes: standard output, a file that appears when it is complete, or
/// what is there already and is no file: a pipe or a device.
final class OutputFile: Sendable {
    /// The file's path and that of its beginning; nil where nothing is to be renamed.
    private let names: (path: String, temporary: String)?
    /// Nil for standard output.
    private let handle: FileHandle?
    private let shownPath: String
    private let rules: Rules

    /// How a command names the file, and what it does about others.
    struct Rules: Sendable {
        /// What the argument is called, with a colon.
        let argument: String
        /// Whether a file that is there is replaced.
        let replaces: Bool
        /// What is appended to the name while the file is not complete.
        let suffix: String

        /// `weir export -o`.
        static let export = Rules(argument: "--output:", replaces: true, suffix: ".partial")

        /// `weir backup`, of which several may run at once: each has a beginning of its own.
        static func backup(replaces: Bool) -> Rules {
            Rules(
                argument: "FILE:", replaces: replaces,
                suffix: ".partial-\(ProcessInfo.processInfo.processIdentifier)")
        }
    }

    /// Opens `path`, or standard output for nil and `-`; of a pipe a reader is waited for.
    static func open(path: String?, _ rules: Rules = .export) async throws -> OutputFile {
        guard let path, path != "-", path != "/dev/stdout" else {
            return OutputFile(
                names: nil, handle: nil, shownPath: "standard output", rules: rules)
        }
        guard let special = try await special(path, rules) else {
            return try ordinary(path, rules)
        }
        return OutputFile(
            names: nil, handle: special, shownPath: SafeText.line(path), rules: rules)
    }

    private init(
        names: (path: String, temporary: String)?,
        handle: FileHandle?,
        shownPath: String,
        rules: Rules
    ) {
        self.names = names
        self.handle = handle
        self.shownPath = shownPath
        self.rules = rules
    }

    /// Whether what is written goes to standard output.
    var isStandardOutput: Bool { handle == nil }

    /// What is there and is no file, or has the name of a device; nil for anything else.
    private static func special(_ path: String, _ rules: Rules) async throws -> FileHandle? {
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
            default: throw failure(path, code, rules)
            }
        }
    }

    private static func ordinary(_ path: String, _ rules: Rules) throws -> OutputFile {
        if path.isEmpty || path.hasSuffix("/") { throw failure(path, EISDIR, rules) }
        // Behind a symbolic link stands the file that is meant, be it there or not.
        var target = path
        for _ in 0..<40 {
            guard
                let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target)
            else { break }
            let folder = (target as NSString).deletingLastPathComponent
            target = next.hasPrefix("/") ? next : (folder as NSString).appendingPathComponent(next)
        }
        if !rules.replaces, FileManager.default.fileExists(atPath: target) {
            throw exists(target)
        }
        let temporary = target + rules.suffix
        // There are digests of credentials in it.
        let descriptor = Foundation.open(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw failure(temporary, errno, rules)
        }
        return OutputFile(
            names: (target, temporary),
            handle: FileHandle(fileDescriptor: descriptor, closeOnDealloc: true),
            shownPath: SafeText.line(path), rules: rules)
    }

    private static func exists(_ path: String) -> CommandFailure {
        CommandFailure(
            "\(SafeText.line(path)) exists already: name another file, or replace it with --force")
    }

    private static func failure(
        _ path: String,
        _ code: Int32,
        _ rules: Rules
    ) -> CommandFailure {
        let why = String(cString: strerror(code))
        return CommandFailure("\(rules.argument) cannot write \(SafeText.line(path)): \(why)")
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        guard let handle else { return Terminal.show(bytes) }
        guard let code = Terminal.write(bytes, to: handle.fileDescriptor) else { return }
        if code == EPIPE { Terminal.endQuietly() }
        throw Self.failure(shownPath, code, rules)
    }

    /// Gives a complete file its name.
    func finish() throws(CommandFailure) {
        guard let names, let handle else { return }
        guard fsync(handle.fileDescriptor) == 0 else {
            throw Self.failure(shownPath, errno, rules)
        }
        try name(names)
        // That the name is on the disk too: what can't be synced is as good as it gets.
        let folder = (names.path as NSString).deletingLastPathComponent
        let descriptor = Foundation.open(folder.isEmpty ? "." : folder, O_RDONLY)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    private func name(_ names: (path: String, temporary: String)) throws(CommandFailure) {
        if !rules.replaces {
            // Unlike a rename, a link does not replace what somebody else has put there meanwhile.
            if link(names.temporary, names.path) == 0 {
                unlink(names.temporary)
                return
            }
            if errno == EEXIST { throw Self.exists(names.path) }
        }
        guard rename(names.temporary, names.path) == 0 else {
            throw Self.failure(shownPath, errno, rules)
        }
    }

    /// Removes what is not complete.
    func discard() {
        if let names { unlink(names.temporary) }
    }
}
