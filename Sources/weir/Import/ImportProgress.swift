import WeirClient

/// How far an import is.
struct ImportProgress: ProgressReport, Equatable {
    var rows: Int
    var bytesRead: Int
    /// The file's size; nil for a pipe.
    var totalBytes: Int?
    var elapsed: Duration

    var percent: Int {
        guard let totalBytes, totalBytes > 0 else { return 0 }
        return min(100, bytesRead * 100 / totalBytes)
    }

    var text: String {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Int(Double(rows) / seconds) : 0
        let figures = "\(rows) rows  \(rate) rows/s"
        guard totalBytes != nil else { return figures }
        return "\(TextTable.padded("\(percent)", to: 3)) %  " + figures + remaining(seconds)
    }

    private func remaining(_ seconds: Double) -> String {
        guard let totalBytes, bytesRead > 0, bytesRead < totalBytes else { return "" }
        let rest = seconds * Double(totalBytes - bytesRead) / Double(bytesRead)
        return "  \(DecisionText.duration(milliseconds: Int64(min(rest, 1e9) * 1_000))) left"
    }
}
