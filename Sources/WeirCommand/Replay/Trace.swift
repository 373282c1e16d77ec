/// The requests of a trace, in the order of the file.
///
/// Read from CSV with the header `TIMESTAMP,ContextTokens,GeneratedTokens`, the format of the
/// Azure LLM inference traces. Lines end in LF or CRLF; empty lines are passed over.
struct Trace: Equatable, Sendable {
    static let header = "TIMESTAMP,ContextTokens,GeneratedTokens"

    var rows: [TraceRow]

    /// Reads the bytes of a file, at most `limit` rows of it; `name` is the file's, for messages.
    init(csv bytes: [UInt8], name: String, limit: Int? = nil) throws(TraceError) {
        rows = []
        var hasHeader = false
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let text = Self.trimmed(line)
            if text.isEmpty { continue }
            guard hasHeader else {
                guard text == Self.header else {
                    throw TraceError(name, number, "expected the header \(Self.header)")
                }
                hasHeader = true
                continue
            }
            if let limit, rows.count >= limit { break }
            do {
                rows.append(try TraceRow(csv: text))
            } catch {
                throw TraceError(name, number, error.description)
            }
        }
        if !hasHeader { throw TraceError(name, 1, "the file is empty; expected \(Self.header)") }
        if rows.isEmpty { throw TraceError(name, number, "no rows after the header") }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> String {
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        // A byte order mark, as spreadsheets write it.
        if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        return String(decoding: line, as: UTF8.self)
    }
}
