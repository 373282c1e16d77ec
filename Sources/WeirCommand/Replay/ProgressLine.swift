import WeirClient

/// One line that says how far a replay is.
struct ProgressLine: Equatable, ProgressReport {
    var rows: Int
    var total: Int
    var admitted: Int
    var refused: Int
    var retries: Int
    var elapsed: Duration

    init(_ tally: ReplayTally, total: Int, elapsed: Duration) {
        rows = tally.rows
        self.total = total
        admitted = tally.admitted
        refused = tally.refused
        retries = tally.retries
        self.elapsed = elapsed
    }

    var percent: Int { total == 0 ? 100 : rows * 100 / total }

    /// The figures: ` 60 %  11620/19366 rows  5210 rows/s  admitted 9000 …`.
    var text: String {
        "\(TextTable.padded("\(percent)", to: 3)) %  \(rows)/\(total) rows"
            + "  \(Int(rowsPerSecond)) rows/s"
            + "  admitted \(admitted)  refused \(refused)  retries \(retries)"
    }

    private var rowsPerSecond: Double {
        let seconds = elapsed / .seconds(1)
        return seconds > 0 ? Double(rows) / seconds : 0
    }
}
