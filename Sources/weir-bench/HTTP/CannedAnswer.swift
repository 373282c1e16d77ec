import NIOCore
import NIOHTTP1

/// A response that was recorded, taken apart to be sent again.
struct CannedAnswer: Sendable {
    let head: HTTPResponseHead
    let body: ByteBuffer

    /// Takes apart a status line, headers, an empty line and a body.
    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            throw LoadFailure("the recorded answer has no end of its head")
        }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers.add(name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
        }
        head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status ?? 200), headers: headers)
        body = ByteBuffer(string: String(text[end.upperBound...]))
    }
}
