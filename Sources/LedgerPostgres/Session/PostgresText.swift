import LedgerSQL
import PostgresWire

/// A statement of `LedgerSQL` as PostgreSQL has to be told it.
struct PostgresText {
    /// For one row of values.
    let single: String
    /// For many rows at once, each parameter an array; nil where that can't be said.
    let batched: String?
    let types: [PostgresType]

    /// Translates a statement whose parameters have these types.
    init(_ text: String, types: [PostgresType]) {
        self.types = types
        let text = Self.withoutHints(text)
        single = Self.numbered(text)
        batched = Self.batched(text, types)
    }

    /// Quotes the one column whose name is a word of SQL, and leaves out what only SQLite's planner
    /// has to be told.
    private static func withoutHints(_ text: String) -> String {
        text.replacing(#/ INDEXED BY \w+/#, with: "")
            .replacing("unlikely(", with: "(")
            .replacing(#/\b(window|only)\b/#) { "\"\($0.1)\"" }
    }

    /// Numbers the parameters.
    private static func numbered(_ text: String) -> String {
        var number = 0
        var result = ""
        for character in text {
            if character == "?" {
                number += 1
                result += "$\(number)"
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// An insertion of one row as one of as many as the arrays have elements.
    private static func batched(_ text: String, _ types: [PostgresType]) -> String? {
        let values = "VALUES (" + types.map { _ in "?" }.joined(separator: ", ") + ")"
        // Written over several lines in some places.
        let lined = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard lined.hasPrefix("INSERT INTO"), let place = lined.firstRange(of: values),
            lined[place.upperBound...].firstIndex(of: "?") == nil
        else { return nil }
        let arrays = types.enumerated().map { "$\($0.offset + 1)::\($0.element.name)[]" }
        return lined[..<place.lowerBound] + "SELECT * FROM unnest("
            + arrays.joined(separator: ", ") + ")" + lined[place.upperBound...]
    }
}
