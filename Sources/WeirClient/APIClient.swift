import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Speaks to one Weir server in JSON over HTTP/1.1.
///
/// It repeats nothing by itself, not even a refused connection: whoever calls knows whether a
/// request may be repeated, and for how long.
package struct APIClient: Sendable {
    /// The server's address without a slash at the end: `http://127.0.0.1:8080`.
    package let url: String
    private let credential: String?
    private let http: HTTPClient
    private let timeout: TimeAmount

    /// Largest answer that is read.
    private static let maximumAnswerBytes = 16 * 1024 * 1024

    /// Runs `body` with a client and closes its connections at the end.
    ///
    /// `credential` is sent as `Authorization: Bearer …`; at most `connections` are kept open;
    /// after `timeout` an answer counts as lost; the certificates of `trusting` are trusted besides
    /// those of the system.
    package static func open<Value: Sendable>(
        url: String,
        credential: String?,
        connections: Int,
        timeout: Duration,
        trusting: TrustedCertificates? = nil,
        _ body: (APIClient) async throws -> Value
    ) async throws -> Value {
        let client = APIClient(url, credential, connections, timeout, trusting)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        // An error here could only say that requests were still under way; they are given up.
        try? await client.http.shutdown()
        return try result.get()
    }

    private init(
        _ url: String, _ credential: String?, _ connections: Int, _ timeout: Duration,
        _ trusting: TrustedCertificates?
    ) {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = trusting?.configuration
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.credential = credential
        self.http = HTTPClient(configuration: configuration)
        self.timeout = TimeAmount(timeout)
    }

    /// Sends one request and waits for its answer or for the news that there will be none.
    ///
    /// `path` is percent-encoded and with its query: `/api/v1/usage?tenant=acme`; `json` is the
    /// encoded body.
    package func send(
        _ method: String,
        _ path: String,
        json: [UInt8]? = nil,
        headers: [(name: String, value: String)] = []
    ) async -> APIReply {
        var request = HTTPClientRequest(url: url + path)
        request.method = HTTPMethod(rawValue: method)
        if let credential {
            request.headers.add(name: "Authorization", value: "Bearer \(credential)")
        }
        for header in headers {
            request.headers.add(name: header.name, value: header.value)
        }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(json)
        }
        do {
            let response = try await http.execute(request, timeout: timeout)
            return .answer(try await Self.answer(response))
        } catch {
            return .lost("\(error)")
        }
    }

    private static func answer(_ response: HTTPClientResponse) async throws -> APIAnswer {
        let body = try await response.body.collect(upTo: maximumAnswerBytes)
        return APIAnswer(
            status: Int(response.status.code),
            isReplay: response.headers.contains(name: "Idempotency-Replayed"),
            body: Array(body.readableBytesView))
    }

    /// Asks for a body of any size and hands it on part by part, as it arrives.
    ///
    /// - Parameters:
    ///   - path: the path, percent-encoded.
    ///   - type: the media type that is meant; any other is an answer like those of `send`.
    ///   - take: takes the next bytes of the body.
    /// - Returns: what became of it.
    /// - Throws: what `take` throws.
    package func download(
        _ path: String,
        type: String,
        take: ([UInt8]) async throws -> Void
    ) async throws -> APIDownload {
        var request = HTTPClientRequest(url: url + path)
        if let credential {
            request.headers.add(name: "Authorization", value: "Bearer \(credential)")
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: timeout)
            guard response.status.code == 200,
                response.headers.first(name: "Content-Type") == type
            else { return .answer(try await Self.answer(response)) }
        } catch {
            return .lost("\(error)")
        }
        var bytes: Int64 = 0
        var parts = response.body.makeAsyncIterator()
        while true {
            let part: ByteBuffer?
            do { part = try await parts.next() } catch { return .lost("\(error)") }
            guard let part else { break }
            bytes += Int64(part.readableBytes)
            try await take(Array(part.readableBytesView))
        }
        let length = response.headers.first(name: "Content-Length").flatMap { Int64($0) }
        // Chunks say themselves which is the last one.
        let isChunked = response.headers[canonicalForm: "Transfer-Encoding"].last == "chunked"
        guard isChunked || length == bytes else {
            return .lost("the answer ended after \(bytes) bytes")
        }
        let headers = response.headers.map { ($0.name.lowercased(), $0.value) }
        return .complete(
            bytes: bytes, headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }))
    }
}
