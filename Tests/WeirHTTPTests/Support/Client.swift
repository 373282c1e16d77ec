import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import StrictJSON
import WeirHTTP

/// Sends requests to a server in the same process.
struct Client: Sendable {
    let application: Application<RouterResponder<APIContext>>
    let credential: String?

    func send(
        _ method: String,
        _ path: String,
        bytes: [UInt8]? = nil,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        var fields = HTTPFields()
        if let credential { fields[.authorization] = "Bearer \(credential)" }
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        let sent = fields
        return try await application.test(.router) { client in
            try await client.execute(
                uri: path, method: HTTPRequest.Method(method)!, headers: sent,
                body: bytes.map { ByteBuffer(bytes: $0) }
            ) { response in
                Reply(response)
            }
        }
    }

    func get(_ path: String) async throws -> Reply { try await send("GET", path) }

    func post(
        _ path: String,
        _ body: JSONValue,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send("POST", path, bytes: body.encodedBytes, headers: headers)
    }

    func post(
        _ path: String,
        text: String,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send("POST", path, bytes: Array(text.utf8), headers: headers)
    }

    func put(_ path: String, _ body: JSONValue) async throws -> Reply {
        try await send("PUT", path, bytes: body.encodedBytes)
    }
}
