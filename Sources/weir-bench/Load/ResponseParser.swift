/// Finds where HTTP/1.1 responses end in a stream of bytes; knows only Content-Length.
///
/// As little as a load generator needs, so that the generator costs little beside the server.
struct ResponseParser {
    /// A complete response.
    struct Response: Equatable {
        var status: Int
        /// Of head and body together.
        var bytes: Int
    }

    enum Failure: Error, Equatable, CustomStringConvertible {
        case notHTTP
        case noContentLength

        var description: String {
            switch self {
            case .notHTTP: "the server's answer is not HTTP/1.1"
            case .noContentLength: "the server's answer has no Content-Length"
            }
        }
    }

    private static let endOfHead: [UInt8] = Array("\r\n\r\n".utf8)
    private static let contentLength: [UInt8] = Array("\r\ncontent-length:".utf8)

    /// The head of the response at the start of `bytes`, or nil while it is not complete.
    static func head(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Response? {
        guard let head = position(of: endOfHead, in: bytes, before: bytes.count) else {
            return nil
        }
        // "HTTP/1.1 200"
        guard head >= 12, bytes[0] == UInt8(ascii: "H"), bytes[8] == UInt8(ascii: " "),
            let status = number(bytes[9..<12])
        else { throw .notHTTP }
        return Response(status: status, bytes: head + endOfHead.count)
    }

    /// The response at the start of `bytes`, or nil while it is not complete.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Response? {
        guard var response = try Self.head(bytes) else { return nil }
        let head = response.bytes - endOfHead.count
        // The search includes the line end before the name, and the one before the empty line.
        guard let name = position(of: contentLength, in: bytes, before: head + 2),
            let length = number(bytes[(name + contentLength.count)..<head])
        else { throw .noContentLength }
        response.bytes += length
        return bytes.count >= response.bytes ? response : nil
    }

    /// Where `lowercased` stands in the first `end` bytes, in letters of any case.
    private static func position(
        of lowercased: [UInt8], in bytes: UnsafeRawBufferPointer, before end: Int
    ) -> Int? {
        guard end >= lowercased.count else { return nil }
        var start = 0
        while start <= end - lowercased.count {
            var matched = 0
            while matched < lowercased.count,
                lowercase(bytes[start + matched]) == lowercased[matched]
            {
                matched += 1
            }
            if matched == lowercased.count { return start }
            start += 1
        }
        return nil
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (65...90).contains(byte) ? byte | 0x20 : byte
    }

    /// The digits after spaces, up to anything else.
    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        let digits = bytes.drop { $0 == UInt8(ascii: " ") }.prefix { (48...57).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}
