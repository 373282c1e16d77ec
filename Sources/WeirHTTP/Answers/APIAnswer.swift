import HTTPTypes
import Hummingbird
import NIOCore
import QuotaLedger
import StrictJSON

/// An answer of the API before it becomes a response.
struct APIAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: [UInt8]
    /// A body that is too large to lie in memory; `body` is empty then.
    var stream: BodyStream?

    init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON object.
    static func json(
        _ status: HTTPResponse.Status = .ok,
        capacity: Int = 512,
        _ body: (inout JSONWriter) -> Void
    ) -> APIAnswer {
        var writer = JSONWriter(capacity: capacity)
        writer.object(body)
        return APIAnswer(status, headers: [.contentType: "application/json"], body: writer.bytes)
    }

    init(_ problem: Problem) {
        var writer = JSONWriter()
        problem.write(to: &writer)
        self.init(
            problem.status, headers: [.contentType: "application/problem+json"],
            body: writer.bytes)
        if let seconds = problem.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        if problem.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    }

    /// An answer that was kept for an idempotency key.
    init(_ stored: StoredAnswer) {
        self.init(HTTPResponse.Status(code: stored.status), body: stored.body)
        for (name, value) in stored.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
    }

    /// This answer as it is kept for an idempotency key.
    var stored: StoredAnswer {
        var kept: [String: String] = [:]
        for field in headers { kept[field.name.rawName] = field.value }
        return StoredAnswer(status: status.code, headers: kept, body: body)
    }

    var response: Response {
        if let stream { return Response(status: status, headers: headers, body: stream.body) }
        return Response(
            status: status, headers: headers,
            body: body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
