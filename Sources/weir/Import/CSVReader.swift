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

    private var input: [UInt8] = []
    private var position = 0
    private var nextLine = 1
    private var isFinished = false
    private var isStarted = false

    /// Adds what comes next in the file.
    mutating func feed(_ chunk: [UInt8]) {
        input.removeFirst(position)
        position = 0
        input.append(contentsOf: chunk)
    }

    /// Says that nothing comes any more.
    mutating func finish() { isFinished = true }

    /// Reads the next row.
    mutating func advance() throws(ImportFailure) -> Progress {
        if !isStarted {
            guard input.count >= 3 || isFinished else { return .needsMore }
            isStarted = true
            if input.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        }
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
                guard end - position <= Self.maximumRowBytes else { throw tooLong }
                position = end
                nextLine += newlines
                if self.row.count > 1 || !self.row.bytes.isEmpty { return .row }
            case .incomplete:
                guard input.count - position <= Self.maximumRowBytes else { throw tooLong }
                return .needsMore
            case .failed(let what): throw ImportFailure(line: line, what)
            }
        }
        return isFinished ? .end : .needsMore
    }

    private var tooLong: ImportFailure {
        ImportFailure(
            line: line,
            "a row of more than \(Self.maximumRowBytes) bytes: is a quote never closed?")
    }
}
