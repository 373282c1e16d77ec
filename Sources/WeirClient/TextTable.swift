/// A table for a terminal: a header, a rule, rows; columns as wide as they need to be.
package struct TextTable: Sendable {
    /// On which side of its column a text stands.
    package enum Alignment: Sendable {
        /// For words.
        case left
        /// For numbers.
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    /// Creates a table without rows.
    package init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    /// Adds a row, one text for each column.
    package mutating func add(_ row: [String]) {
        precondition(row.count == columns.count)
        rows.append(row)
    }

    /// The lines, each ending in a newline.
    package var text: String {
        let titles = columns.map(\.title)
        let widths = columns.indices.map { column in
            ([titles] + rows).map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([titles, rule] + rows)
            .map { line(of: $0, widths: widths) + "\n" }
            .joined()
    }

    private func line(of cells: [String], widths: [Int]) -> String {
        let padded = cells.indices.map { column in
            Self.padded(cells[column], to: widths[column], columns[column].alignment)
        }
        let line = padded.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// `text` with spaces around it up to `width` columns of a terminal.
    package static func padded(
        _ text: String, to width: Int, _ alignment: Alignment = .right
    ) -> String {
        let spaces = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
        return alignment == .left ? text + spaces : spaces + text
    }

    /// A number with so many digits after the point.
    package static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "-" }
        let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: Int64(scale))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return "\(sign)\(whole)" }
        let text = "\(fraction)"
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - text.count) + text
    }
}
