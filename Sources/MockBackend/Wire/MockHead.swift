import NIOCore
import NIOHTTP1

/// How answers begin and how they are framed on one connection.
package struct MockHead: Sendable, Equatable {
    /// Whether the client speaks HTTP/1.1, and so understands chunks.
    package var isChunked = true
    /// Whether another request may follow.
    package var keepsAlive = true
    /// The id of the request, which the answer repeats.
    package var requestID: String?

    /// HTTP/1.1 with more requests to follow.
    package init() {}

    /// Room for a chunk's size and its line end before its bytes.
    private static let sizeBytes = 10

    /// Writes a head.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - type: the content type.
    ///   - length: the size of the body; nil for a stream.
    ///   - retryAfter: seconds for `Retry-After`.
    ///   - buffer: where it is written.
    func write(
        status: Int = 200,
        type: StaticString,
        length: Int?,
        retryAfter: Int? = nil,
        into buffer: inout ByteBuffer
    ) {
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\nServer: weir-mock\r\nContent-Type: ")
        } else {
            let phrase = HTTPResponseStatus(statusCode: status).reasonPhrase
            buffer.writeString("HTTP/1.1 \(status) \(phrase)\r\nContent-Type: ")
        }
        buffer.writeStaticString(type)
        if let length {
            buffer.writeStaticString("\r\nContent-Length: ")
            buffer.writeString(String(length))
        } else {
            buffer.writeStaticString("\r\nCache-Control: no-cache")
            if isChunked { buffer.writeStaticString("\r\nTransfer-Encoding: chunked") }
        }
        if let retryAfter { buffer.writeString("\r\nRetry-After: \(retryAfter)") }
        if let requestID { buffer.writeString("\r\nX-Request-Id: \(requestID)") }
        if !isKeptAlive(after: length) {
            buffer.writeStaticString("\r\nConnection: close")
        } else if !isChunked {
            buffer.writeStaticString("\r\nConnection: keep-alive")
        }
        buffer.writeStaticString("\r\n\r\n")
    }

    /// Whether another request may follow an answer of this length; nil is a stream.
    func isKeptAlive(after length: Int?) -> Bool {
        // Without chunks only the end of the connection ends a stream.
        keepsAlive && (length != nil || isChunked)
    }

    /// Makes a piece of a stream.
    ///
    /// - Parameters:
    ///   - capacity: about how many bytes it has.
    ///   - isLast: whether the stream ends with it.
    ///   - body: writes it.
    /// - Returns: the bytes with their framing.
    func piece(
        capacity: Int,
        isLast: Bool,
        _ body: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: capacity + 32)
        guard isChunked else {
            body(&buffer)
            return buffer
        }
        buffer.writeRepeatingByte(0, count: Self.sizeBytes)
        buffer.moveReaderIndex(forwardBy: Self.sizeBytes)
        body(&buffer)
        let count = buffer.readableBytes
        if count > 0 {
            // The size ends where the bytes begin.
            let size = String(count, radix: 16) + "\r\n"
            let start = max(0, Self.sizeBytes - size.utf8.count)
            buffer.setString(size, at: start)
            buffer.moveReaderIndex(to: start)
            buffer.writeStaticString("\r\n")
        }
        if isLast { buffer.writeStaticString("0\r\n\r\n") }
        return buffer
    }
}
