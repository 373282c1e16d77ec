import WeirClient

/// How far an import is.
struct ImportProgress: ProgressReport, Equatable {
    /// Rows that are done.
    var rows: Int
    /// Rows that were read from the bytes that were read.
    var rowsRead: Int
    var bytesRead: Int
    /// The file's size; nil for a pipe.
    var totalBytes: Int?
    var elapsed: Duration

    var percent: Int { Int(share * 100) }

    /// How much of the file is done, 0 to 1: rows count as much as an average one that was read.
    private var share: Double {
        guard let totalBytes, totalBytes > 0, rowsRead > 0 else { return 0 }
        return min(1, Double(bytesRead) / Double(totalBytes) * Double(rows) / Double(rowsRead))
    }

    var text: String {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Int(Double(rows) / seconds) : 0
        let figures = "\(rows) rows  \(rate) rows/s"
        guard totalBytes != nil else { return figures }
        return "\(TextTable.padded("\(percent)", to: 3)) %  " + figures + remaining(seconds)
    }

    private func remaining(_ seconds: Double) -> String {
        guard share > 0, share < 1 else { return "" }
        let rest = seconds * (1 - share) / share
        return "  \(DecisionText.duration(milliseconds: Int64(min(rest, 1e9) * 1_000))) left"
    }
}
