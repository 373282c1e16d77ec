import StrictJSON

/// What an answer says was used.
package struct MockUsage: Sendable, Equatable {
    /// The tokens of the prompt.
    package var promptTokens: Int
    /// Those of them that were cached.
    package var cachedTokens: Int
    /// The tokens of all choices.
    package var completionTokens: Int
    /// Those of them that are reasoning.
    package var reasoningTokens: Int

    /// Usage that no honest server would give: other figures, more cached than there is.
    var contradicted: MockUsage {
        MockUsage(
            promptTokens: promptTokens / 2, cachedTokens: promptTokens + 1,
            completionTokens: completionTokens * 2 + 100, reasoningTokens: reasoningTokens)
    }

    /// Writes the object of chats and completions.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("prompt_tokens", Int64(promptTokens))
            writer.member("completion_tokens", Int64(completionTokens))
            writer.member("total_tokens", Int64(promptTokens + completionTokens))
            writer.object("prompt_tokens_details") {
                $0.member("cached_tokens", Int64(cachedTokens))
            }
            writer.object("completion_tokens_details") {
                $0.member("reasoning_tokens", Int64(reasoningTokens))
            }
        }
    }

    /// Writes the object of embeddings, which have no completion.
    func writeEmbedding(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("prompt_tokens", Int64(promptTokens))
            writer.member("total_tokens", Int64(promptTokens))
        }
    }

    /// Writes the object of responses.
    func writeResponse(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("input_tokens", Int64(promptTokens))
            writer.object("input_tokens_details") {
                $0.member("cached_tokens", Int64(cachedTokens))
            }
            writer.member("output_tokens", Int64(completionTokens))
            writer.object("output_tokens_details") {
                $0.member("reasoning_tokens", Int64(reasoningTokens))
            }
            writer.member("total_tokens", Int64(promptTokens + completionTokens))
        }
    }
}
