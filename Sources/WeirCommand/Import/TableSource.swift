/// Rows of CSV or lines of JSON: whichever the first byte says.
struct TableSource: ImportSource {
    private let layout: CSVLayout
    private let allowsSecrets: Bool
    /// What came before the first byte that says it.
    private var start: [UInt8] = []
    private var source: (any ImportSource)?

    /// Whether a file that does not begin with a brace is JSON lines all the same.
    private let isJSONLines: Bool

    init(_ layout: CSVLayout, allowsSecrets: Bool = false, isJSONLines: Bool = false) {
        self.layout = layout
        self.allowsSecrets = allowsSecrets
        self.isJSONLines = isJSONLines
    }

    var failedRowForm: FailedRowForm { source?.failedRowForm ?? .jsonLines }

    var row: [UInt8] { source?.row ?? [] }

    mutating func feed(_ chunk: [UInt8]) {
        if source != nil {
            source?.feed(chunk)
            return
        }
        start += chunk
        // White space and a byte order mark say nothing.
        let silent = Array(" \t\r\n\u{FEFF}".utf8)
        if let first = start.first(where: { !silent.contains($0) }) {
            decide(isJSONLines || first == UInt8(ascii: "{"))
        }
    }

    mutating func finish() {
        if source == nil { decide(isJSONLines) }
        source?.finish()
    }

    private mutating func decide(_ isJSONLines: Bool) {
        source =
            isJSONLines
            ? JSONLinesSource(layout, allowsSecrets: allowsSecrets)
            : CSVSource(layout, allowsSecrets: allowsSecrets)
        source?.feed(start)
        start = []
    }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        try source?.next(into: &item) ?? .needsMore
    }
}
