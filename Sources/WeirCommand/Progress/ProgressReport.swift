/// How far a long command is, for one line on standard error.
protocol ProgressReport: Sendable {
    /// How far, 0 to 100.
    var percent: Int { get }
    /// The time since the start.
    var elapsed: Duration { get }
    /// The figures, for a line of plain text: ` 60 %  11620/19366 rows …`.
    var text: String { get }
}

extension ProgressReport {
    /// `[######----]  60 %`, for a terminal.
    var bar: String {
        let width = 30
        let filled = max(0, min(width, width * percent / 100))
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: width - filled) + "] " + text
    }
}
