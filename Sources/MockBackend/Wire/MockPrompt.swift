package import StrictJSON

/// How much text a request brings.
///
/// A token stands for four bytes, and there is at least one.
package struct MockPrompt: Sendable, Equatable {
    /// How many texts there are.
    package let texts: Int
    /// How many tokens they have together.
    package let tokens: Int

    /// Reads a text, an array of texts, an array of tokens, or an array of such arrays.
    package init(_ value: JSONValue?, member: String) throws(MockRefusal) {
        switch value {
        case .string(let text)?:
            texts = 1
            tokens = Self.tokens(ofBytes: text.utf8.count)
        case .array(let elements)? where !elements.isEmpty:
            // A token counts for itself.
            texts = elements.contains { $0.numberValue != nil } ? 1 : elements.count
            let bytes = Self.bytes(ofContent: .array(elements))
            tokens = Self.tokens(ofBytes: bytes)
        default: throw .invalid("\(member) must be a string or an array", member)
        }
    }

    /// The tokens of so many bytes.
    package static func tokens(ofBytes bytes: Int) -> Int { max(1, (bytes + 3) / 4) }

    /// The tokens of a chat.
    static func tokens(ofMessages messages: [JSONValue]) -> Int {
        tokens(ofBytes: messages.reduce(0) { $0 + bytes(ofContent: $1["content"] ?? .null) })
    }

    /// The bytes of a text, of parts that have one, and of messages that have such parts.
    static func bytes(ofContent value: JSONValue) -> Int {
        switch value {
        case .string(let text): text.utf8.count
        case .number: 4
        case .array(let elements): elements.reduce(0) { $0 + bytes(ofContent: $1) }
        case .object:
            bytes(ofContent: value["text"] ?? .null) + bytes(ofContent: value["content"] ?? .null)
        case .null, .bool: 0
        }
    }
}
