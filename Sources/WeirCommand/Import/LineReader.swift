/// Reads lines from chunks as they come; they end in LF or CRLF.
struct LineReader: Sendable {
    /// What a line is.
    enum Line: Equatable {
        /// Its bytes without the end.
        case text(ArraySlice<UInt8>)
        /// More than ``LineReader/maximumBytes``: it was passed over.
        case tooLong
    }

    /// The most bytes of one line.
    let maximumBytes: Int
    /// The number of the line that was read last, from 1.
    private(set) var line = 0
    /// True once nothing is left.
    var isAtEnd: Bool { isFinished && position == input.count && !isSkipping }
    /// The line that was read last; empty for one that is too long.
    var text: [UInt8] { Array(input[place]) }
    /// What is wrong with a line that is too long.
    var tooLong: String { "a line of more than \(maximumBytes) bytes" }

    private var input: [UInt8] = []
    private var position = 0
    private var place = 0..<0
    private var isFinished = false
    /// Whether the input is inside a line that is too long.
    private var isSkipping = false

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Adds what comes next in the file.
    mutating func feed(_ chunk: [UInt8]) {
        input.removeFirst(position)
        position = 0
        place = 0..<0
        input.append(contentsOf: chunk)
    }

    /// Says that nothing comes any more.
    mutating func finish() { isFinished = true }

    /// The next line; nil when more input is needed, and at the end.
    mutating func next() -> Line? {
        guard position < input.count || isFinished && isSkipping else { return nil }
        let newline = input[position...].firstIndex(of: UInt8(ascii: "\n"))
        let start = position
        let end = newline ?? input.count
        let isTooLong = isSkipping || end - start > maximumBytes
        isSkipping = isTooLong && newline == nil && !isFinished
        if isSkipping { position = input.count }
        guard newline != nil || isFinished else { return nil }
        position = newline.map { $0 + 1 } ?? input.count
        place = start..<start
        line += 1
        if isTooLong { return .tooLong }
        var text = input[start..<end]
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        // A byte order mark, as editors write it.
        if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        place = text.startIndex..<text.endIndex
        return .text(text)
    }
}
