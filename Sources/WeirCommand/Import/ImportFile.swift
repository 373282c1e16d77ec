import Foundation

/// A file that is read chunk by chunk, or standard input for `-`.
final class ImportFile: Sendable {
    private static let chunkBytes = 256 * 1_024

    /// The size, nil for a pipe.
    let totalBytes: Int?
    private let descriptor: Int32
    private let path: String

    init(path: String) throws(CommandFailure) {
        self.path = path
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw CommandFailure("cannot read \(SafeText.line(path)): \(Self.lastError)")
        }
        // Pipes and terminals have no place to go back to.
        let place = lseek(descriptor, 0, SEEK_CUR)
        let end = place < 0 ? -1 : lseek(descriptor, 0, SEEK_END)
        totalBytes = end < place || end < 0 ? nil : Int(end - place)
        if place >= 0 { lseek(descriptor, place, SEEK_SET) }
    }

    /// Whether a path leads to the same file.
    func isSame(as path: String) -> Bool {
        path != "-" && Self.resolved(path) == Self.resolved(self.path)
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// Whether the first bytes of a file say that it is UTF-16, with its mark or without.
    static func isUTF16(_ start: [UInt8]) -> Bool {
        start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
            || start.prefix(2).contains(0)
    }

    deinit { close(descriptor) }

    /// The next bytes; nil at the end.
    func read() throws(CommandFailure) -> [UInt8]? {
        var count = 0
        var lastError = ""
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, filled in
            repeat {
                count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            lastError = Self.lastError
            filled = max(0, count)
        }
        guard count >= 0 else {
            throw CommandFailure("cannot read \(SafeText.line(path)): \(lastError)")
        }
        return count == 0 ? nil : bytes
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
