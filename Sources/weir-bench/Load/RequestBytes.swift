import NIOCore

/// Encodes a request once, to be sent many times.
enum RequestBytes {
    static func post(_ path: String, credential: String, json: String) -> ByteBuffer {
        ByteBuffer(
            string: """
                POST \(path) HTTP/1.1\r
                Host: 127.0.0.1\r
                Authorization: Bearer \(credential)\r
                Content-Type: application/json\r
                Content-Length: \(json.utf8.count)\r
                \r
                \(json)
                """)
    }
}
