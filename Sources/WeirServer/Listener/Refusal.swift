import NIOCore
import NIOHTTP1
import StrictJSON

/// Why the listener ends a connection before a route has seen the request.
struct Refusal: Hashable, Sendable {
    let status: HTTPResponseStatus
    let detail: String

    /// The head did not come in time.
    static let headerTimeout = Refusal(
        status: .requestTimeout, detail: "the request's head did not arrive in time")
    /// The body did not come in time.
    static let bodyTimeout = Refusal(
        status: .requestTimeout, detail: "the request's body did not arrive in time")

    /// A request that breaks HTTP in a way that could hide another request in it.
    static func badRequest(_ detail: String) -> Refusal {
        Refusal(status: .badRequest, detail: detail)
    }

    /// What the decoder could not read.
    static func unreadable(_ error: HTTPParserError) -> Refusal {
        switch error {
        case .headerOverflow:
            Refusal(
                status: .requestHeaderFieldsTooLarge,
                detail: "the request's target and fields are too large or too many")
        case .unexpectedContentLength:
            badRequest("the length of the body is given twice or in two ways")
        case .unknown:
            badRequest("this is not a valid HTTP/1.1 request")
        default:
            badRequest("this is not a valid HTTP/1.1 request: \(error.debugDescription)")
        }
    }

    /// The answer as RFC 9457 wants it, with an error as OpenAI's clients do.
    ///
    /// Nobody knows yet which of them asks. The connection ends with it.
    var response: [HTTPServerResponsePart] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", "about:blank")
            writer.member("title", status.reasonPhrase)
            writer.member("status", Int(status.code))
            writer.member("detail", detail)
            writer.object("error") { writer in
                writer.member("message", detail)
                writer.member("type", "invalid_request_error")
                writer.null("param")
                writer.null("code")
            }
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: status,
            headers: [
                "Content-Type": "application/problem+json",
                "Content-Length": "\(writer.bytes.count)",
                "Connection": "close",
                "Server": "weir",
            ])
        return [.head(head), .body(.byteBuffer(ByteBuffer(bytes: writer.bytes))), .end(nil)]
    }
}

extension Refusal: Error {}
