import Foundation

/// A report that can be printed for programs.
protocol JSONReport: Encodable {}

extension JSONReport {
    /// The report for programs: one JSON object with names in snake case.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
