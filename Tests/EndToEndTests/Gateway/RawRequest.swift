/// A request as bytes, with whatever is wrong about it.
struct RawRequest: Sendable {
    var method = "POST"
    var path = "/v1/chat/completions"
    var version = "1.1"
    /// The credential; nil for none.
    var key: String?
    var contentType: String? = "application/json"
    /// Whether to say how long the body is.
    var givesLength = true
    /// Further lines of the head.
    var lines: [String] = []
    /// Whether the connection ends with the answer.
    var isLast = true
    var body: [UInt8] = []

    /// A chat.
    ///
    /// - Parameters:
    ///   - key: the credential.
    ///   - model: the model.
    ///   - more: members of the body besides model and messages, as JSON.
    /// - Returns: the request.
    static func chat(
        _ key: String, model: String = "small", _ more: String = #""max_tokens":5"#
    ) -> RawRequest {
        let body = """
            {"model":"\(model)","messages":[{"role":"user","content":"hello"}],\(more)}
            """
        return RawRequest(key: key, body: Array(body.utf8))
    }

    /// The same request with something changed.
    func with(_ change: (inout RawRequest) -> Void) -> RawRequest {
        var request = self
        change(&request)
        return request
    }

    var bytes: [UInt8] {
        var head = "\(method) \(path) HTTP/\(version)\r\nHost: localhost\r\n"
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        if let contentType { head += "Content-Type: \(contentType)\r\n" }
        if givesLength, !body.isEmpty || method == "POST" {
            head += "Content-Length: \(body.count)\r\n"
        }
        for line in lines { head += line + "\r\n" }
        if isLast { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8) + body
    }
}
