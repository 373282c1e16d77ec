/// Reads lines from chunks as they come; they end in LF or CRLF.
struct LineReader: Sendable {
    /// The most bytes of one line.
    let maximumBytes: Int
    /// The number of the line that was read last, from 1.
    private(set) var line = 0
    /// True once nothing is left.
    var isAtEnd: Bool { isFinished && position == input.count }

    private var input: [UInt8] = []
    private var position = 0
    private var isFinished = false

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Adds what comes next in the file.
    mutating func feed(_ chunk: [UInt8]) {
        input.removeFirst(position)
        position = 0
        input.append(contentsOf: chunk)
    }

    /// Says that nothing comes any more.
    mutating func finish() { isFinished = true }

    /// The next line without its end; nil when more input is needed, and at the end.
    mutating func next() throws(ImportFailure) -> ArraySlice<UInt8>? {
        guard position < input.count else { return nil }
        let rest = input[position...]
        let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
        let end = newline ?? input.count
        guard end - position <= maximumBytes else {
            throw ImportFailure(line: line + 1, "a line of more than \(maximumBytes) bytes")
        }
        guard newline != nil || isFinished else { return nil }
        var text = rest[..<end]
        position = newline.map { $0 + 1 } ?? input.count
        line += 1
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        // A byte order mark, as editors write it.
        if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        return text
    }
}
