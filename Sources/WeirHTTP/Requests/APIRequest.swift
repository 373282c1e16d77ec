import HTTPTypes
import Hummingbird
import NIOCore
import QuotaModel
import StrictJSON

/// A request on its way through the API: its head, its body once read, and who sent it.
struct APIRequest: Sendable {
    /// The largest body: 1 MiB.
    static let maximumBodyBytes = 1_048_576
    /// The longest reason of a change.
    static let maximumReasonBytes = 1_024

    let head: HTTPRequest
    let parameters: Parameters
    let queryText: String?
    /// Where the request came from, as the limiter of bad credentials counts it.
    let address: String
    /// Done when the connection is closed.
    let connectionEnd: EventLoopFuture<Void>
    private let body: RequestBody

    init(_ request: Request, _ context: APIContext) {
        head = request.head
        body = request.body
        queryText = request.uri.query
        parameters = context.parameters
        address = context.remoteAddress?.network ?? ""
        connectionEnd = context.connectionEnd
    }

    /// The parameters of the URL.
    func query() throws(Problem) -> Query {
        try Query(queryText, path: String((head.path ?? "").prefix { $0 != "?" }))
    }

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
    func json(
        emptyIsObject: Bool = false,
        maximumBytes: Int = maximumBodyBytes
    ) async throws(Problem) -> JSONValue {
        let buffer = try await bytes(maximumBytes: maximumBytes)
        if emptyIsObject, buffer.readableBytes == 0 { return .object(JSONObject()) }
        return try Self.json(buffer)
    }

    /// The body as it came.
    ///
    /// What has a body takes no parameters in the URL.
    func bytes(maximumBytes: Int = maximumBodyBytes) async throws(Problem) -> ByteBuffer {
        try query().finish()
        let tooLarge = Problem(
            .contentTooLarge,
            "the body must be at most \(maximumBytes) bytes (\(maximumBytes >> 20) MiB)")
        if let length = head.headerFields[.contentLength].flatMap({ Int64($0) }),
            length > maximumBytes
        {
            throw tooLarge
        }
        do {
            return try await body.collect(upTo: maximumBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw Problem(.badRequest, "the body did not arrive whole")
        }
    }

    /// A body as JSON.
    static func json(_ body: ByteBuffer) throws(Problem) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: body.readableBytesView)
        } catch {
            var problem = Problem(.badRequest, "the body is not valid JSON: \(error.description)")
            problem.pointer = error.pointer?.description
            throw problem
        }
    }

    /// Why an administrator makes a change, from the body or the header.
    func reason(_ body: inout BodyReader) throws(Problem) -> String? {
        let inHeader = try headerReason()
        let reason = try body.string("reason")
        if let reason, reason.utf8.count > Self.maximumReasonBytes {
            throw body.invalid("reason", "must be at most \(Self.maximumReasonBytes) bytes")
        }
        if reason?.utf8.contains(0) == true {
            throw body.invalid("reason", "must not contain U+0000")
        }
        return reason ?? inHeader
    }

    /// Why an administrator deletes something; the body may be left out.
    func reasonOfDeletion() async throws(Problem) -> String? {
        var body = try BodyReader(try await json(emptyIsObject: true))
        let reason = try reason(&body)
        try body.finish()
        return reason
    }

    private func headerReason() throws(Problem) -> String? {
        guard let reason = head.headerFields[.weirReason] else { return nil }
        guard reason.utf8.count <= Self.maximumReasonBytes else {
            throw .invalidHeader(
                .weirReason, "must be at most \(Self.maximumReasonBytes) bytes")
        }
        return reason
    }
}

extension HTTPField.Name {
    static let weirReason = Self("X-Weir-Reason")!
    static let weirStatus = Self("X-Weir-Status")!
    static let weirTenant = Self("X-Weir-Tenant")!
    static let weirKey = Self("X-Weir-Key")!
    static let apiKey = Self("X-API-Key")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotencyReplayed = Self("Idempotency-Replayed")!
    static let rateLimit = Self("RateLimit")!
    static let rateLimitPolicy = Self("RateLimit-Policy")!
}

extension SocketAddress {
    /// The address, or of IPv6 the network of 64 bits that one customer usually has.
    fileprivate var network: String? {
        guard case .v6 = self, let text = ipAddress else { return ipAddress }
        let halves = text.prefix { $0 != "%" }
            .split(separator: "::", omittingEmptySubsequences: false)
            .map { $0.split(separator: ":") }
        let missing = 8 - halves.reduce(0) { $0 + $1.count }
        let zeros = [Substring](repeating: "0", count: halves.count > 1 ? max(0, missing) : 0)
        let groups = halves[0] + zeros + (halves.count > 1 ? halves[1] : [])
        return groups.prefix(4).joined(separator: ":")
    }
}
