import QuotaLedger
import QuotaModel
import StrictJSON

extension ExportRow {
    /// The cells of a row, in the order of the columns: their names are those of the members too.
    private enum Cell {
        case text(String?)
        case number(Int64?)
        /// A number with decimal places, as text.
        case decimal(String?)
        case flag(Bool?)
    }

    private static let names: [StaticString] = [
        "kind", "admitted_at", "posted_at", "tenant", "key", "model", "meter", "units", "overage",
        "requests", "cost", "currency", "prices", "input_tokens", "cached_input_tokens",
        "output_tokens", "reasoning_tokens", "outcome", "estimated", "endpoint", "backend", "id",
        "decision_id", "request_id", "idempotency_key", "adjusts",
    ]

    private var cells: [Cell] {
        let isEvent = kind == .event
        return [
            .text(kind.rawValue),
            .text(event.admittedAt.description),
            .text(isEvent ? event.postedAt.description : nil),
            .text(tenant.text),
            .text(event.key.text),
            .text(event.model?.text),
            .text(event.meter.text),
            .number(event.units),
            .number(isEvent ? event.overage : nil),
            .number(requests),
            .decimal(cost),
            .text(currency),
            .text(note?.prices),
            .number(tokens?.input),
            .number(tokens?.cachedInput),
            .number(tokens?.output),
            .number(tokens?.reasoning),
            .text(note?.outcome),
            .flag(note?.isEstimated),
            .text(note?.endpoint),
            .text(note?.backend),
            .text(isEvent ? event.id : nil),
            .text(note?.decisionID),
            .text(note?.requestID),
            .text(event.idempotencyKey?.text),
            .text(event.adjusts?.description),
        ]
    }

    // MARK: CSV, by RFC 4180

    /// The first line of a table.
    static var header: [UInt8] {
        Array(names.map { "\($0)" }.joined(separator: ",").utf8) + CSV.lineEnd
    }

    /// Adds the row as a line of a table.
    func writeCSV(to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch cell {
            case .text(let text): if let text { CSV.write(text, to: &bytes) }
            case .number(let value): if let value { bytes += String(value).utf8 }
            case .decimal(let text): if let text { bytes += text.utf8 }
            case .flag(let flag): if let flag { bytes += (flag ? "true" : "false").utf8 }
            }
        }
        bytes += CSV.lineEnd
    }

    // MARK: JSON Lines

    /// Adds the row as an object on a line.
    func writeLine(to bytes: inout [UInt8]) {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            for (name, cell) in zip(Self.names, cells) {
                switch cell {
                case .text(let text), .decimal(let text): writer.member(name, text)
                case .number(let value): writer.member(name, value)
                case .flag(let flag):
                    if let flag { writer.member(name, flag) } else { writer.null(name) }
                }
            }
        }
        bytes += writer.bytes
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// Text in cells of a table.
enum CSV {
    static let lineEnd: [UInt8] = [13, 10]

    /// Adds a text as a cell.
    ///
    /// One that a spreadsheet would take for a formula, since it begins with `=`, `+`, `-`, `@`, a
    /// tab or a line break, gets an apostrophe in front: ids and names come from outside.
    static func write(_ text: String, to bytes: inout [UInt8]) {
        let isFormula =
            switch text.utf8.first {
            case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 9, 10,
                13:
                true
            default: false
            }
        let isQuoted = text.utf8.contains { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ",") || byte == 10 || byte == 13
        }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        if isFormula { bytes.append(UInt8(ascii: "'")) }
        for byte in text.utf8 {
            bytes.append(byte)
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
        }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    }
}
