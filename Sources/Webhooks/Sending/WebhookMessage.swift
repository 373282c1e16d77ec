/// A message to an endpoint, which is the same at every attempt.
package struct WebhookMessage: Hashable, Sendable {
    /// The longest id, in bytes.
    package static let maximumIDBytes = 128
    /// The longest body, in bytes.
    package static let maximumBodyBytes = 262_144

    /// The id, by which a receiver tells a repeated delivery from a new message.
    package let id: String
    /// The body: JSON in UTF-8.
    package let body: [UInt8]

    /// A message; nil where the body is too long, or the id is empty, too long, or of more than
    /// letters, digits, `-` and `_`.
    ///
    /// A full stop in it would make two messages of one signature; see ``WebhookSignature``.
    package init?(id: String, body: [UInt8]) {
        let isPlain = id.utf8.allSatisfy { byte in
            let lowercase = byte | 0x20
            return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                || lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "z")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard !id.isEmpty, id.utf8.count <= Self.maximumIDBytes, isPlain,
            body.count <= Self.maximumBodyBytes
        else { return nil }
        self.id = id
        self.body = body
    }
}
