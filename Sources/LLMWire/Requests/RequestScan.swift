package import NIOCore

/// What a request says of itself, found in one pass over its body.
package struct RequestScan: Sendable, Hashable {
    /// The most choices that a request can ask for.
    package static let maximumChoices: Int64 = 128
    /// The largest cap on tokens: the largest integer that every JSON reader reads exactly.
    package static let maximumTokens: Int64 = 1 << 53 - 1

    /// The model, unescaped; nil when it is missing or `null`, and on Triton's wire, where the path
    /// names it.
    package internal(set) var model: String?
    /// Whether the answer is to come as Server-Sent Events.
    package internal(set) var isStream: Bool
    /// Whether the caller asks for usage at the end of a stream (`stream_options.include_usage`).
    package internal(set) var wantsUsage = false
    /// The most tokens that each choice may have; nil when the request names no cap.
    package internal(set) var maximumOutputTokens: Int64?
    /// How many choices are generated: the larger of `n` and `best_of`, for each prompt.
    package internal(set) var choices: Int64 = 1
    /// The tokens of the prompt that the answer repeats (`echo`), as they are counted in it.
    package internal(set) var echoedTokens: Int64 = 0
    /// The bytes of text in the prompt.
    ///
    /// Counted are the strings in `messages`, `prompt`, `suffix`, `input`, `instructions`, `tools`,
    /// `functions`, `text_input` and the data of `inputs`, without their escapes, and the names in
    /// tools. A token given by its number counts 4; a data URL in base64, as images are given,
    /// counts 1,024 at most.
    package internal(set) var promptBytes = 0

    /// The fewest tokens that such a prompt can be.
    package var leastPromptTokens: Int64 { TokenCount.leastOfText(bytes: promptBytes) }

    /// Where the things are that may have to change on the way to the backend.
    var places: RequestPlaces

    /// Reads a request.
    ///
    /// The body has to be one well-formed JSON object in UTF-8, nested at most 128 levels deep.
    /// The members that are read must have the right types, must not appear twice, and must not
    /// have escapes in their names: a backend could read them differently. Other members pass
    /// unseen.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - endpoint: What it was sent to.
    /// - Returns: What it says.
    /// - Throws: ``RequestProblem``, whose `param` is nil when the body is not JSON at all.
    package static func scan(
        _ body: ByteBuffer,
        endpoint: Endpoint
    ) throws(RequestProblem) -> RequestScan {
        let result = body.withUnsafeReadableBytes { bytes in
            RequestReader.read(bytes, endpoint: endpoint)
        }
        return try result.get()
    }
}
