import Foundation

/// Shows on standard error how far a command is: a bar on a terminal, else a line now and then,
/// or none.
struct ProgressPrinter: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// Prints a line of its own.
    func say(_ text: String) {
        write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    }

    /// Prints until cancelled, and once more at the end; `onlyBar` prints nothing elsewhere than
    /// on a terminal.
    func follow(
        onlyBar: Bool = false, _ read: @Sendable (Duration) -> some ProgressReport
    ) async {
        if onlyBar, !isTerminal { return }
        let start = ContinuousClock.now
        var plain = PlainProgress()
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(isTerminal ? 100 : 20))
            let line = read(ContinuousClock.now - start)
            if isTerminal {
                write("\r\u{1B}[K" + line.bar)
            } else if plain.isDue(line) {
                write(line.text + "\n")
            }
        }
        if isTerminal { write("\r\u{1B}[K" + read(ContinuousClock.now - start).bar + "\n") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
