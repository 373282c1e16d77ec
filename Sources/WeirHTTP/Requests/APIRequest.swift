import HTTPTypes
import Hummingbird
import NIOCore
import QuotaModel
import StrictJSON

/// A request on its way through the API: its head, its body once read, and who sent it.
struct APIRequest: Sendable {
    /// The largest body: 1 MiB.
    static let maximumBodyBytes = 1_048_576

    let head: HTTPRequest
    let parameters: Parameters
    let queryText: String?
    private let body: RequestBody

    init(_ request: Request, parameters: Parameters) {
        head = request.head
        body = request.body
        queryText = request.uri.query
        self.parameters = parameters
    }

    /// The parameters of the URL.
    func query() throws(Problem) -> Query { try Query(queryText) }

    /// An id that is part of the path.
    func pathIdentifier<Subject>(
        _ name: String,
        _ type: Identifier<Subject>.Type
    ) throws(Problem) -> Identifier<Subject> {
        guard let raw = parameters[name[...]], let text = PercentEncoding.decode(raw) else {
            throw Problem(.badRequest, "the path is not valid percent-encoded UTF-8")
        }
        do {
            return try Identifier<Subject>(text)
        } catch {
            throw Problem(.unprocessableContent, "the id in the path \(error.description)")
        }
    }

    /// The body as JSON; an empty one is an empty object where that is allowed.
    ///
    /// What has a body takes no parameters in the URL.
    func json(emptyIsObject: Bool = false) async throws(Problem) -> JSONValue {
        try query().finish()
        let tooLarge = Problem(
            .contentTooLarge, "the body must be at most \(Self.maximumBodyBytes) bytes (1 MiB)")
        if let length = head.headerFields[.contentLength].flatMap({ Int64($0) }),
            length > Self.maximumBodyBytes
        {
            throw tooLarge
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: Self.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw Problem(.badRequest, "the body did not arrive whole")
        }
        if emptyIsObject, buffer.readableBytes == 0 { return .object(JSONObject()) }
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: buffer.readableBytesView)
        } catch {
            var problem = Problem(.badRequest, "the body is not valid JSON: \(error.description)")
            problem.pointer = error.pointer?.description
            throw problem
        }
    }

    /// Why an administrator makes a change, from the body or the header.
    func reason(_ body: inout BodyReader) throws(Problem) -> String? {
        try body.string("reason") ?? head.headerFields[.weirReason]
    }
}

extension HTTPField.Name {
    static let weirReason = Self("X-Weir-Reason")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotencyReplayed = Self("Idempotency-Replayed")!
    static let rateLimit = Self("RateLimit")!
    static let rateLimitPolicy = Self("RateLimit-Policy")!
}
