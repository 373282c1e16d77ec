/// Reads CSV (RFC 4180) from chunks as they come: quotes, newlines in them, CRLF, a byte order
/// mark.
///
/// Empty lines are passed over.
struct CSVReader: Sendable {
    /// What there is.
    enum Progress: Equatable {
        /// A row, in ``CSVReader/row``.
        case row
        /// More input is needed.
        case needsMore
        case end
    }

    /// The most bytes of one row.
    static let maximumRowBytes = 128 * 1_024

    /// The row that was read last.
    private(set) var row = CSVRow()
    /// The line on which it begins, from 1.
    private(set) var line = 0
    /// What is wrong with how it is written; nil where nothing is.
    private(set) var problem: String?
    /// It as it stands in the file, without its end; empty where it is too long.
    var text: [UInt8] {
        var text = input[place]
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        return Array(text)
    }

    private var input: [UInt8] = []
    private var position = 0
    private var place = 0..<0
    private var nextLine = 1
    private var isFinished = false
    private var isStarted = false
    /// Whether the input is inside a row that is too long.
    private var isSkipping = false

    /// Adds what comes next in the file.
    mutating func feed(_ chunk: [UInt8]) {
        input.removeFirst(position)
        position = 0
        place = 0..<0
        input.append(contentsOf: chunk)
    }

    /// Says that nothing comes any more.
    mutating func finish() { isFinished = true }

    /// Reads the next row.
    ///
    /// - Throws: where nobody knows at which byte the next row begins.
    mutating func advance() throws(ImportFailure) -> Progress {
        if !isStarted {
            guard input.count >= 3 || isFinished else { return .needsMore }
            isStarted = true
            if input.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        }
        if isSkipping { return try skip() }
        while position < input.count {
            var row = CSVRow()
            swap(&row, &self.row)
            let outcome = input.withUnsafeBufferPointer { input in
                row.read(input, from: position, isLast: isFinished)
            }
            swap(&row, &self.row)
            line = nextLine
            switch outcome {
            case .row(let end, let newlines):
                let isTooLong = end - position > Self.maximumRowBytes
                if isTooLong, newlines > 1 { throw endless }
                problem = isTooLong ? Self.tooLong : self.row.problem
                place = position..<(isTooLong ? position : end)
                position = end
                nextLine += newlines
                if self.row.count > 1 || !self.row.bytes.isEmpty { return .row }
            case .incomplete:
                if input.count - position <= Self.maximumRowBytes { return .needsMore }
                return try skip()
            case .unclosed:
                throw ImportFailure(line: line, "a quote that is opened here and never closed")
            }
        }
        return isFinished ? .end : .needsMore
    }

    /// Passes over the rest of a row that is too long, which must have no quotes.
    private mutating func skip() throws(ImportFailure) -> Progress {
        let newline = input[position...].firstIndex(of: UInt8(ascii: "\n"))
        let end = newline ?? input.count
        if input[position..<end].contains(UInt8(ascii: "\"")) { throw endless }
        position = newline.map { $0 + 1 } ?? end
        isSkipping = newline == nil && !isFinished
        if isSkipping { return .needsMore }
        problem = Self.tooLong
        place = position..<position
        nextLine += 1
        return .row
    }

    private static let tooLong = "a row of more than \(maximumRowBytes) bytes"

    private var endless: ImportFailure {
        ImportFailure(line: line, Self.tooLong + ": is a quote never closed?")
    }
}
