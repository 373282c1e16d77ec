import StrictJSON

/// Rows of a CSV file with a header as items to import.
struct CSVSource: ImportSource {
    private let layout: CSVLayout
    /// Whether a key without a credential may get a new secret.
    private let allowsSecrets: Bool
    private var reader = CSVReader()
    /// For each field of a row the column it belongs to, nil for what was wrong with it when it
    /// was imported before; nil before the header.
    private var order: [Int?]?
    private(set) var failedRowForm = FailedRowForm.csv(header: [])
    /// The JSON of each column's name with its colon: `"id":`.
    private let names: [[UInt8]]
    private let constants: [UInt8]

    init(_ layout: CSVLayout, allowsSecrets: Bool = false) {
        self.layout = layout
        self.allowsSecrets = allowsSecrets
        names = layout.columns.map { Array("\"\($0.member)\":".utf8) }
        constants = Array(layout.constants.utf8)
    }

    mutating func feed(_ chunk: [UInt8]) { reader.feed(chunk) }

    mutating func finish() { reader.finish() }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        while true {
            switch try reader.advance() {
            case .needsMore: return .needsMore
            case .end:
                if order == nil { throw ImportFailure(line: 1, "the file is empty") }
                return .end
            case .row: break
            }
            guard let order else {
                try readHeader()
                continue
            }
            if let problem = reader.problem { return failed(problem) }
            return encode(order, into: &item)
        }
    }

    /// The row that was read last, without what was wrong with it before.
    var row: [UInt8] {
        guard let order, reader.row.count == order.count, order.contains(nil) else {
            return reader.text
        }
        return reader.row.encoded(order.indices.filter { order[$0] != nil })
    }

    // MARK: The header

    private mutating func readHeader() throws(ImportFailure) {
        if let problem = reader.problem { throw ImportFailure(line: reader.line, problem) }
        let order = try Self.order(of: reader.row, in: layout, line: reader.line)
        self.order = order
        let kept = order.indices.filter { order[$0] != nil }
        failedRowForm = .csv(header: reader.row.encoded(kept))
    }

    private static func order(
        of header: CSVRow, in layout: CSVLayout, line: Int
    ) throws(ImportFailure) -> [Int?] {
        let known = layout.columns.map(\.name)
        var order: [Int?] = []
        for index in 0..<header.count {
            let name = header.text(index).trimmingSpaces
            if name == FailedRowForm.name, !order.contains(nil) {
                order.append(nil)
                continue
            }
            guard let column = known.firstIndex(of: name) else {
                throw ImportFailure(
                    line: line,
                    "unknown column \"\(SafeText.line(name))\"; "
                        + Nearest.advice(for: name, in: known))
            }
            guard !order.contains(column) else {
                throw ImportFailure(line: line, "the column \"\(name)\" stands here twice")
            }
            order.append(column)
        }
        for (index, column) in layout.columns.enumerated()
        where column.isRequired && !order.contains(index) {
            throw ImportFailure(line: line, "the column \"\(column.name)\" is missing")
        }
        return order
    }

    // MARK: Rows

    private func encode(_ order: [Int?], into item: inout [UInt8]) -> ImportStep {
        let row = reader.row
        guard row.count == order.count else {
            return failed("\(row.count) fields where the header has \(order.count)")
        }
        var isPassed = false
        var credential: [UInt8] = []
        item.append(UInt8(ascii: "{"))
        for (field, column) in order.enumerated() {
            guard let column else { continue }
            let range = row.range(field)
            let plan = layout.columns[column]
            if range.isEmpty {
                if plan.isRequired { return failed("\"\(plan.name)\" is empty") }
                continue
            }
            let problem: String?
            if plan.isCredential {
                problem = append(range, of: row, column, to: &credential, &isPassed)
            } else {
                problem = append(range, of: row, column, to: &item, &isPassed)
            }
            if let problem { return failed("\"\(plan.name)\" \(problem)") }
        }
        if isPassed { return .passed(.zero) }
        if !credential.isEmpty {
            item += Array("\"credential\":{".utf8)
            item += credential.dropLast()
            item += Array("},".utf8)
        }
        item += constants
        if item.last == UInt8(ascii: ",") { item.removeLast() }
        item.append(UInt8(ascii: "}"))
        let makesSecret = layout.kind == .keys && credential.isEmpty
        if makesSecret, !allowsSecrets { return failed(SecretsFile.missing) }
        return .item(layout.kind, line: reader.line, makesSecret: makesSecret)
    }

    /// Appends `"name":value,`; answers what is wrong with the value.
    private func append(
        _ range: Range<Int>, of row: CSVRow, _ column: Int, to item: inout [UInt8],
        _ isPassed: inout Bool
    ) -> String? {
        item += names[column]
        let problem = row.bytes.withUnsafeBufferPointer { bytes -> String? in
            let field = UnsafeBufferPointer(rebasing: bytes[range])
            switch layout.columns[column].value {
            case .text:
                return JSONBytes.appendString(field, to: &item) ? nil : "is not UTF-8"
            case .time:
                return JSONBytes.appendTime(field, to: &item) ? nil : "is not UTF-8"
            case .units(let isUse):
                guard let units = JSONBytes.units(field) else {
                    return "must be an integer from 0 to \(Units.maximum)"
                }
                if isUse, units == 0 { isPassed = true }
                item += Array(String(units).utf8)
                return nil
            case .flag:
                switch String(decoding: field, as: UTF8.self).lowercased() {
                case "true", "t", "1": item += Array("true".utf8)
                case "false", "f", "0": item += Array("false".utf8)
                default: return "must be true or false"
                }
                return nil
            case .limits:
                return Self.appendLimits(String(decoding: field, as: UTF8.self), to: &item)
            }
        }
        item.append(UInt8(ascii: ","))
        return problem
    }

    private static func appendLimits(_ text: String, to item: inout [UInt8]) -> String? {
        item.append(UInt8(ascii: "["))
        for part in text.split(separator: ";") {
            guard let limit = LimitArgument(argument: String(part).trimmingSpaces) else {
                return "must be like api_calls/day=100;ai_tokens/month=5000"
            }
            item += limit.json.encodedBytes
            item.append(UInt8(ascii: ","))
        }
        if item.last == UInt8(ascii: ",") { item.removeLast() }
        item.append(UInt8(ascii: "]"))
        return nil
    }

    private func failed(_ what: String) -> ImportStep { .failed(line: reader.line, what) }
}

extension String {
    /// Without spaces and tabs around it.
    var trimmingSpaces: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
