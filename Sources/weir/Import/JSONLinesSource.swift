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
        known = members + extra
    }

    mutating func feed(_ chunk: [UInt8]) { reader.feed(chunk) }

    mutating func finish() { reader.finish() }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        while let line = try reader.next() {
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
                continue
            }
            return encode(line, into: &item)
        }
        return reader.isAtEnd ? .end : .needsMore
    }

    private func encode(_ line: ArraySlice<UInt8>, into item: inout [UInt8]) -> ImportStep {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            return failed("column \(error.column): \(error.message)")
        }
        guard let members = value.objectValue?.members else {
            return failed("this is \(value.kindDescription), and not an object")
        }
        for member in members where !known.contains(member.name) {
            let nearest = Nearest.to(member.name, in: known) ?? ""
            return failed(
                "unknown member \"\(SafeText.line(member.name))\"; did you mean \"\(nearest)\"?")
        }
        guard value["id"]?.stringValue?.isEmpty == false else { return failed("\"id\" is missing") }
        let makesSecret = kind == .keys && (value["credential"]?.isNull ?? true)
        if makesSecret, !allowsSecrets { return failed(SecretsFile.missing) }
        item += line
        return .item(kind, line: reader.line, makesSecret: makesSecret)
    }

    private func failed(_ what: String) -> ImportStep { .failed(line: reader.line, what) }
}
