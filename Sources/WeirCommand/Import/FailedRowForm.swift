import StrictJSON

/// How failed rows are written, so that they can be mended and imported again.
enum FailedRowForm: Sendable, Equatable {
    /// The row with one field more that says what is wrong, below a header where there is one.
    case csv(header: [UInt8])
    /// The object with one member more that says what is wrong; what is no object stays as it is.
    case jsonLines

    /// The name of that field and member, which every import passes over.
    static let name = "error"

    /// The first line; empty where there is none.
    var header: [UInt8] {
        guard case .csv(let header) = self, !header.isEmpty else { return [] }
        return header + Array(",\(Self.name)\n".utf8)
    }

    /// The line of a row that failed.
    func line(_ failure: ImportTally.Failure) -> [UInt8] {
        var line = failure.text
        switch self {
        case .csv:
            line.append(UInt8(ascii: ","))
            line += CSVRow.quoted(failure.detail.utf8)
        case .jsonLines:
            let value = line.isEmpty ? [:] : try? JSONValue(parsing: line)
            if var object = value?.objectValue {
                object[Self.name] = .string(failure.detail)
                line = JSONValue.object(object).encodedBytes
            }
        }
        return line + [UInt8(ascii: "\n")]
    }
}

extension CSVRow {
    /// Some of the fields as a row of a file, without its end.
    func encoded(_ fields: [Int]) -> [UInt8] {
        Array(fields.map { Self.encoded(bytes[range($0)]) }.joined(separator: [0x2C]))
    }

    /// A field, in quotes where it needs them.
    static func encoded(_ field: some Collection<UInt8>) -> [UInt8] {
        let special = Array("\",\r\n".utf8)
        return field.contains { special.contains($0) } ? quoted(field) : Array(field)
    }

    /// A field in quotes.
    static func quoted(_ field: some Collection<UInt8>) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        let inside = field.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return [quote] + inside + [quote]
    }
}
