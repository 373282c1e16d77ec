/// One row of a CSV file, as RFC 4180 defines it.
///
/// The fields lie one after the other in ``bytes``, without quotes, so that a row costs no
/// allocation once the largest was seen.
struct CSVRow: Sendable {
    /// What a try to read a row came to.
    enum Outcome: Equatable {
        /// A row; the next begins at `end`, and `newlines` were passed.
        case row(end: Int, newlines: Int)
        /// The input ends inside the row.
        case incomplete
        /// A quote is opened and never closed: nobody knows where the next row begins.
        case unclosed
    }

    private(set) var bytes: [UInt8] = []
    /// Where each field ends in ``bytes``.
    private(set) var ends: [Int] = []
    /// What is wrong with how the row is written; nil where nothing is.
    private(set) var problem: String?

    /// How many fields there are; an empty line has one, which is empty.
    var count: Int { ends.count }

    /// Where a field lies in ``bytes``.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// The text of a field.
    func text(_ index: Int) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }

    /// Reads a row that begins at `start`; `isLast` says that nothing follows the input.
    mutating func read(
        _ input: UnsafeBufferPointer<UInt8>, from start: Int, isLast: Bool
    ) -> Outcome {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        problem = nil
        var position = start
        var newlines = 0
        while true {
            if position < input.count, input[position] == Self.quote {
                switch readQuoted(input, &position, &newlines, isLast: isLast) {
                case .incomplete: return .incomplete
                case .unclosed: return .unclosed
                case .row: break
                }
            } else {
                let field = rest(of: input, &position)
                if position == input.count, !isLast { return .incomplete }
                if field.contains(Self.quote) {
                    problem = "a quote inside a field that does not begin with one"
                }
                bytes.append(contentsOf: field)
            }
            if position < input.count, input[position] == Self.comma {
                ends.append(bytes.count)
                position += 1
                continue
            }
            return end(input, position, newlines)
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// What stands before the next comma or newline.
    private func rest(
        of input: UnsafeBufferPointer<UInt8>, _ position: inout Int
    ) -> UnsafeBufferPointer<UInt8> {
        let start = position
        while position < input.count, input[position] != Self.comma,
            input[position] != Self.newline
        {
            position += 1
        }
        return UnsafeBufferPointer(rebasing: input[start..<position])
    }

    /// A field in quotes; `position` is at the first of them, and behind the last afterwards.
    private mutating func readQuoted(
        _ input: UnsafeBufferPointer<UInt8>,
        _ position: inout Int,
        _ newlines: inout Int,
        isLast: Bool
    ) -> Outcome {
        position += 1
        while true {
            let runStart = position
            while position < input.count, input[position] != Self.quote {
                if input[position] == Self.newline { newlines += 1 }
                position += 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: input[runStart..<position]))
            guard position < input.count else {
                return isLast ? .unclosed : .incomplete
            }
            position += 1
            guard position < input.count else {
                return isLast ? .row(end: position, newlines: newlines) : .incomplete
            }
            if input[position] == Self.quote {
                bytes.append(Self.quote)
                position += 1
                continue
            }
            let field = rest(of: input, &position)
            if position == input.count, !isLast { return .incomplete }
            let isEnd = position == input.count || input[position] == Self.newline
            if field.elementsEqual([Self.carriageReturn]), isEnd {
                position -= 1
            } else if !field.isEmpty {
                problem = "something between a closing quote and the next comma"
            }
            return .row(end: position, newlines: newlines)
        }
    }

    /// The end of a row: LF, CRLF, or the end of the input.
    private mutating func end(
        _ input: UnsafeBufferPointer<UInt8>, _ position: Int, _ newlines: Int
    ) -> Outcome {
        var position = position
        var lastEnd = bytes.count
        if position < input.count, input[position] == Self.carriageReturn {
            // Only behind a closing quote: elsewhere the field has it.
            position += 1
        } else if bytes.count > (ends.last ?? 0), bytes.last == Self.carriageReturn,
            position == input.count || input[position] == Self.newline,
            position > 0, input[position - 1] == Self.carriageReturn
        {
            lastEnd -= 1
            bytes.removeLast()
        }
        ends.append(lastEnd)
        guard position < input.count else { return .row(end: position, newlines: newlines) }
        return .row(end: position + 1, newlines: newlines + 1)
    }
}
