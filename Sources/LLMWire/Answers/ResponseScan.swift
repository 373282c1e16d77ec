package import NIOCore

/// What a whole answer, one that is not streamed, says of itself.
package struct ResponseScan: Sendable, Hashable {
    /// What the backend says it took; nil when it says nothing that can be believed.
    package private(set) var usage: Usage?
    /// The output counted from the text of the answer: four bytes a token, each choice rounded up.
    package private(set) var outputTokens: Int64 = 0
    /// The fewest tokens that the text can be: one for every 32 bytes, rounded up.
    package private(set) var leastOutputTokens: Int64 = 0
    /// Whether the body says that it is an error.
    package private(set) var isError = false
    /// The error's message, at most 1,024 bytes of it.
    package private(set) var errorMessage: String?
    /// Whether the body is one JSON object; when not, nothing else is known.
    package private(set) var isJSON = false

    /// Reads a whole answer; no bytes are refused.
    package static func scan(_ body: ByteBuffer, endpoint: Endpoint) -> ResponseScan {
        body.withUnsafeReadableBytes { bytes in
            do throws(JSONFault) {
                let answer = try Answer.read(bytes, endpoint: endpoint, isWhole: true)
                return ResponseScan(answer)
            } catch {
                return ResponseScan()
            }
        }
    }

    private init() {}

    private init(_ answer: Answer) {
        if case .given(let usage) = answer.usage { self.usage = usage }
        outputTokens = answer.tokens
        leastOutputTokens = answer.leastTokens
        isError = answer.error != nil
        errorMessage = answer.error
        isJSON = true
    }
}
