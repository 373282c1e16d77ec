import Foundation

/// The server's answer to one request.
package struct APIAnswer: Sendable {
    /// The HTTP status.
    package let status: Int
    /// True for the stored answer to an earlier request with the same idempotency key.
    package let isReplay: Bool
    /// The body's bytes, JSON as a rule.
    package let body: [UInt8]

    /// Creates an answer.
    package init(status: Int, isReplay: Bool = false, body: [UInt8] = []) {
        self.status = status
        self.isReplay = isReplay
        self.body = body
    }

    /// True for an answer that asks to come again: key in flight, overload, a gateway's fault.
    package var asksToRetry: Bool {
        status == 408 || status == 409 || status == 425 || status >= 500
    }

    /// Decodes the body; throws when it is not the expected JSON.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The problem's text for a person: its `detail`, else the start of the body.
    package var detail: String {
        struct Problem: Decodable {
            var detail: String?
            var title: String?
        }
        let problem: Problem? = try? decode()
        return problem?.detail ?? problem?.title
            ?? String(decoding: body.prefix(200), as: UTF8.self)
    }
}
