import Foundation

/// Shows a table on standard error again and again: in one place on a terminal, else below the
/// last one, less often.
struct TablePrinter: Sendable {
    private static let terminalInterval = Duration.seconds(1)
    private static let plainInterval = Duration.seconds(5)

    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// Prints until cancelled.
    func follow(_ read: @Sendable () async -> String) async {
        var lines = 0
        while true {
            let interval = isTerminal ? Self.terminalInterval : Self.plainInterval
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            let text = await read()
            if Task.isCancelled { return }
            // Up to where the last one began, and clear what is below.
            let back = isTerminal && lines > 0 ? "\u{1B}[\(lines)A\u{1B}[J" : ""
            lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            FileHandle.standardError.write(Data((back + text + "\n").utf8))
        }
    }
}
