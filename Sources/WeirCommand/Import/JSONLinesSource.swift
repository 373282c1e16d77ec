import StrictJSON

/// Lines of JSON, an item on each.
struct JSONLinesSource: ImportSource {
    private let kind: ImportKind
    private let known: [String]
    private let allowsSecrets: Bool
    private var reader = LineReader(maximumBytes: CSVReader.maximumRowBytes)

    /// Items with the columns of `layout` as members; a key's credential is an object.
    init(_ layout: CSVLayout, allowsSecrets: Bool = false) {
        kind = layout.kind
        self.allowsSecrets = allowsSecrets
        let members = layout.columns.filter { !$0.isCredential }.map(\.member)
        // What an answer shows may be sent back.
        let extra = kind == .keys ? ["credential"] : ["created_at", "warnings"]
        known = members + extra + [FailedRowForm.name]
    }

    var failedRowForm: FailedRowForm { .jsonLines }

    var row: [UInt8] { reader.text }

    mutating func feed(_ chunk: [UInt8]) { reader.feed(chunk) }

    mutating func finish() { reader.finish() }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        while let next = reader.next() {
            guard case .text(let line) = next else { return failed(reader.tooLong) }
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
                continue
            }
            return try encode(line, into: &item)
        }
        return reader.isAtEnd ? .end : .needsMore
    }

    private func encode(
        _ line: ArraySlice<UInt8>, into item: inout [UInt8]
    ) throws(ImportFailure) -> ImportStep {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            return failed("column \(error.column): \(error.message)")
        }
        guard var object = value.objectValue else {
            return failed("this is \(value.kindDescription), and not an object")
        }
        if let kind = object["kind"]?.stringValue, SnapshotSource.kinds.contains(kind) {
            throw ImportFailure(
                line: reader.line,
                "this is a snapshot, as weir export writes it: use weir import snapshot")
        }
        for member in object.members where !known.contains(member.name) {
            return failed(
                "unknown member \"\(SafeText.line(member.name))\"; "
                    + Nearest.advice(for: member.name, in: known))
        }
        guard value["id"]?.stringValue?.isEmpty == false else { return failed("\"id\" is missing") }
        let makesSecret = kind == .keys && (value["credential"]?.isNull ?? true)
        if makesSecret, !allowsSecrets { return failed(SecretsFile.missing) }
        if object[FailedRowForm.name] == nil {
            item += line
        } else {
            object[FailedRowForm.name] = nil
            item += JSONValue.object(object).encodedBytes
        }
        return .item(kind, line: reader.line, makesSecret: makesSecret)
    }

    private func failed(_ what: String) -> ImportStep { .failed(line: reader.line, what) }
}
