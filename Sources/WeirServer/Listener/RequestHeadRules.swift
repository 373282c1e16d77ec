import NIOHTTP1

/// What a head must obey so that two parsers can't read two different requests out of one.
///
/// The decoder refuses most of it too; these rules hold whatever its leniency.
/// Source: RFC 9112, sections 3.2, 6.1 and 6.3.
enum RequestHeadRules {
    /// Why a head is refused; nil when it is good.
    static func refusal(of head: HTTPRequestHead) -> Refusal? {
        let hosts = head.headers["host"]
        if hosts.count > 1 || (hosts.isEmpty && head.version != .http1_0) {
            return .badRequest("a request has exactly one Host field")
        }
        let encodings = head.headers["transfer-encoding"]
        let lengths = head.headers["content-length"]
        if lengths.count > 1 || (!lengths.isEmpty && !encodings.isEmpty) {
            return .badRequest("the length of the body is given twice or in two ways")
        }
        guard let encoding = encodings.first else { return nil }
        if encodings.count > 1 || encoding.lowercased() != "chunked" || head.version == .http1_0 {
            return .badRequest("the one transfer encoding is \"chunked\", of HTTP/1.1")
        }
        return nil
    }

    /// Whether this is the last request of its connection: because it says so, because the end of
    /// an answer of HTTP/1.0 may be the connection's, or because the decoder reads nothing after an
    /// upgrade, which we never make.
    static func isLast(_ head: HTTPRequestHead) -> Bool {
        !head.isKeepAlive || head.version == .http1_0 || head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
    }

    /// Whether the client holds its body back until it is told to go on.
    static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version != .http1_0
            && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
    }
}
