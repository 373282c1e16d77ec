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
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            return .answer(
                APIAnswer(
                    status: Int(response.status.code),
                    isReplay: response.headers.contains(name: "Idempotency-Replayed"),
                    body: Array(body.readableBytesView)))
        } catch {
            return .lost("\(error)")
        }
    }
}
