import QuotaModel

extension TraceRow {
    /// What is wrong with a line.
    struct FieldError: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads `2023-11-16 18:15:46.6805900,374,44`.
    init(csv line: String) throws(FieldError) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3 else {
            throw FieldError(description: "expected 3 fields, found \(fields.count)")
        }
        guard let timestamp = Self.timestamp(fields[0]) else {
            throw FieldError(
                description: "TIMESTAMP is \"\(Self.shortened(fields[0]))\","
                    + " expected one like 2023-11-16 18:15:46.6805900")
        }
        self.timestamp = timestamp
        promptTokens = try Self.tokens(fields[1], "ContextTokens")
        generatedTokens = try Self.tokens(fields[2], "GeneratedTokens")
    }

    /// A date and a time with a space or a `T` between them, in UTC.
    private static func timestamp(_ field: Substring) -> Timestamp? {
        let parts = field.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
        guard parts.count == 2 else { return nil }
        let time = parts[1].hasSuffix("Z") ? parts[1].dropLast() : parts[1]
        return Timestamp("\(parts[0])T\(time)Z")
    }

    private static func tokens(_ field: Substring, _ column: String) throws(FieldError) -> Int64 {
        guard !field.isEmpty, field.utf8.allSatisfy({ (48...57).contains($0) }),
            let value = Int64(field), value <= maximumTokens
        else {
            throw FieldError(
                description: "\(column) is \"\(shortened(field))\","
                    + " expected an integer from 0 to \(maximumTokens)")
        }
        return value
    }

    private static func shortened(_ field: Substring) -> String {
        // A line can be anything: it is shown on a terminal, so without control characters.
        String(
            field.prefix(40).map { $0.unicodeScalars.allSatisfy { $0.value >= 32 } ? $0 : "?" })
    }
}
