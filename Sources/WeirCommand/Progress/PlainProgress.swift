/// Decides when a line of progress is due where there is no terminal: at every tenth of the
/// rows, and after five quiet seconds.
struct PlainProgress {
    private static let quiet = Duration.seconds(5)

    private var lastTenth = 0
    private var lastLine = Duration.zero

    mutating func isDue(_ line: some ProgressReport) -> Bool {
        let tenth = line.percent / 10
        guard tenth > lastTenth || line.elapsed - lastLine >= Self.quiet else { return false }
        lastTenth = tenth
        lastLine = line.elapsed
        return true
    }
}
