import NIOCore

/// Puts a response together from what a connection reads, where one request is under way.
struct ResponseReader {
    let expectedStatus: Int
    private var received = ByteBuffer()

    init(expectedStatus: Int) {
        self.expectedStatus = expectedStatus
    }

    /// Takes what was read.
    ///
    /// - Parameter bytes: the next bytes.
    /// - Returns: the response, head and body, or nil while it is not complete.
    /// - Throws: ``LoadFailure`` for another status, or more than a response.
    mutating func receive(_ bytes: ByteBuffer) throws -> ByteBuffer? {
        var bytes = bytes
        // As a rule a response comes in one piece and need not be copied.
        if received.readableBytes > 0 {
            received.writeBuffer(&bytes)
        } else {
            received = bytes
        }
        let response = try received.withUnsafeReadableBytes { bytes in
            try ResponseParser.parse(bytes)
        }
        guard let response else { return nil }
        guard response.status == expectedStatus else {
            throw LoadFailure(
                "the server answered \(response.status) in place of \(expectedStatus): "
                    + String(buffer: received))
        }
        guard response.bytes == received.readableBytes else {
            throw LoadFailure("the server sent more than it was asked for")
        }
        defer { received = ByteBuffer() }
        return received
    }
}
