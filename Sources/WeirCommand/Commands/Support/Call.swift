import ArgumentParser
import StrictJSON
import WeirClient

/// One request of a command, before it is sent.
struct Call: Equatable, Sendable {
    /// The HTTP method.
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// A name and value of the query.
    struct Parameter: Equatable, Sendable {
        var name: String
        var value: String
    }

    var method: Method
    /// The path's segments as they are meant, not encoded.
    var path: [String]
    var query: [Parameter] = []
    var body: JSONObject?
    /// Why it is done; nil leaves it out.
    var reason: String?
    /// What a repeat is known by; nil leaves it out.
    var idempotencyKey: String?

    init(_ method: Method, _ path: [String]) {
        self.method = method
        self.path = path
    }

    /// A call below `/api/admin`.
    static func admin(_ method: Method, _ path: String...) -> Call {
        Call(method, ["api", "admin"] + path)
    }

    /// A call below `/api/v1`.
    static func decision(_ method: Method, _ path: String...) -> Call {
        Call(method, ["api", "v1"] + path)
    }

    /// The same call with a parameter of the query, unless the value is nil.
    func asking(_ name: String, _ value: String?) -> Call {
        guard let value else { return self }
        var call = self
        call.query.append(Parameter(name: name, value: value))
        return call
    }

    /// The same call with a member of the body, unless the value is nil.
    func with(_ name: String, _ value: JSONValue?) -> Call {
        var call = self
        var body = body ?? JSONObject()
        if let value { body[name] = value }
        call.body = body
        return call
    }

    /// The same call with a text in the body, unless it is nil.
    func with(_ name: String, text: String?) -> Call { with(name, text.map { .string($0) }) }

    /// The same call with an integer in the body, unless it is nil.
    func with(_ name: String, integer: Int64?) -> Call {
        with(name, integer.map { .number(JSONNumber($0)) })
    }

    /// The same call with the reason for it.
    func because(_ reason: String?) -> Call {
        var call = self
        call.reason = reason
        return call
    }

    /// The same call, known by a key where it is repeated.
    func known(by idempotencyKey: String?) -> Call {
        var call = self
        call.idempotencyKey = idempotencyKey
        return call
    }

    /// The same call, unless an id in its path is empty: the path would be that of a list.
    func validated() throws -> Call {
        guard !path.contains("") else { throw ValidationError("An id must not be empty.") }
        return self
    }

    /// The path and query, encoded.
    var target: String {
        let path = path.map { "/" + PercentEncoding.encode($0) }.joined()
        guard !query.isEmpty else { return path }
        let pairs = query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }
        return path + "?" + pairs.joined(separator: "&")
    }

    /// The encoded body; the reason of a change is a member of it, but not of a deletion.
    var encodedBody: [UInt8]? {
        guard method != .get else { return nil }
        if method == .delete { return body.map { JSONValue.object($0).encodedBytes } }
        var members = body ?? JSONObject()
        if let reason { members["reason"] = .string(reason) }
        return JSONValue.object(members).encodedBytes
    }

    /// The header lines that only this call needs: the key of a repeat, and the reason of a
    /// deletion, which mostly has no body.
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        if method == .delete, let reason { headers.append(("X-Weir-Reason", reason)) }
        return headers
    }
}
