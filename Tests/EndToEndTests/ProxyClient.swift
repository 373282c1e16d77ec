import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A client of what stands behind a proxy; it sees headers as clients do.
final class ProxyClient: Sendable {
    /// One answer.
    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: String

        /// A header's value, whatever the case of its name.
        subscript(name: String) -> String? { headers[name.lowercased()] }
    }

    private let session: URLSession
    private let url: String

    /// Creates a client that keeps up to `connections` to `url` open.
    init(_ url: String, connections: Int) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = connections
        configuration.timeoutIntervalForRequest = 30
        session = URLSession(configuration: configuration)
        self.url = url
    }

    deinit { session.invalidateAndCancel() }

    /// Sends a request, with POST where it has a body, and waits for the answer.
    func send(
        _ path: String = "/",
        headers: [String: String],
        body: Data? = nil
    ) async throws -> Answer {
        guard let target = URL(string: url + path) else {
            throw ChildCommand.Failure(description: "\(path) is no path")
        }
        var request = URLRequest(url: target)
        request.httpMethod = body == nil ? "GET" : "POST"
        request.httpBody = body
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await session.data(for: request)
        guard let answer = response as? HTTPURLResponse else {
            throw ChildCommand.Failure(description: "not HTTP: \(response)")
        }
        var fields: [String: String] = [:]
        for (name, value) in answer.allHeaderFields {
            fields["\(name)".lowercased()] = "\(value)"
        }
        return Answer(
            status: answer.statusCode, headers: fields, body: String(decoding: data, as: UTF8.self))
    }
}
