import Foundation

/// Where commands write.
enum Terminal {
    /// What becomes of a program whose output nobody takes: SIGPIPE, as a shell reports it.
    private static let brokenPipe: Int32 = 141

    /// Writes to standard error, which is for people.
    static func say(_ text: String, terminator: String = "\n") {
        // There is nobody left to tell when this fails.
        _ = write(Array((text + terminator).utf8), to: STDERR_FILENO)
    }

    /// Writes to standard output, which is for people and programs.
    static func show(_ text: String) { show(Array(text.utf8)) }

    /// Writes bytes to standard output; a reader that has gone ends the program quietly, and a full
    /// disk ends it with a word.
    static func show(_ bytes: [UInt8]) {
        guard let code = write(bytes, to: STDOUT_FILENO) else { return }
        if code == EPIPE { endQuietly() }
        say("Error: cannot write the output: \(String(cString: strerror(code)))")
        exit(EXIT_FAILURE)
    }

    /// Ends the program whose output nobody takes.
    static func endQuietly() -> Never { exit(brokenPipe) }

    /// Writes all bytes; answers the error number where that fails.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let written = Foundation.write(descriptor, part.baseAddress, part.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = rest.dropFirst(written)
            }
            return nil
        }
    }
}
