import StrictJSON

/// Writes answers that come whole.
package struct MockAnswer {
    private let plan: MockPlan
    private let identity: MockIdentity

    /// The answer to a request.
    package init(_ plan: MockPlan, _ identity: MockIdentity) {
        self.plan = plan
        self.identity = identity
    }

    /// The body.
    package var bytes: [UInt8] {
        let text = min(plan.tokens, MockSettings.maximumTokens) * MockWords.wordBytes
        var writer = JSONWriter(capacity: 512 + text)
        writer.object { writer in
            switch plan.request.endpoint {
            case .chat, .completion: writeChoices(to: &writer)
            case .embedding: writeEmbeddings(to: &writer)
            case .response:
                MockResponseObject(plan, identity).writeMembers(isDone: true, to: &writer)
            case .tritonGenerate, .tritonStream: writeTriton(to: &writer)
            case .tritonInfer: writeInference(to: &writer)
            }
        }
        return writer.bytes
    }

    private func writeChoices(to writer: inout JSONWriter) {
        let isChat = plan.request.endpoint == .chat
        writer.member("id", identity.id(isChat ? "chatcmpl-" : "cmpl-"))
        writer.member("object", isChat ? "chat.completion" : "text_completion")
        writer.member("created", identity.created)
        writer.member("model", plan.request.model)
        writer.array("choices") { writer in
            for index in 0..<plan.request.choices {
                writer.object { writer in
                    writer.member("index", Int64(index))
                    if isChat {
                        writer.object("message", writeMessage(to:))
                    } else {
                        writer.name("text")
                        MockWords.write(0..<plan.length, to: &writer)
                    }
                    writer.null("logprobs")
                    writer.member("finish_reason", String(describing: plan.finishReason))
                }
            }
        }
        if let usage = plan.usage {
            writer.name("usage")
            usage.write(to: &writer)
        }
    }

    private func writeMessage(to writer: inout JSONWriter) {
        writer.member("role", "assistant")
        if plan.reasoning > 0 {
            writer.name("reasoning_content")
            MockWords.write(0..<plan.reasoning, to: &writer)
        }
        writer.name("content")
        MockWords.write(min(plan.reasoning, plan.length)..<plan.length, to: &writer)
        writer.null("refusal")
    }

    private func writeEmbeddings(to writer: inout JSONWriter) {
        let embedding = MockEmbedding(plan.request)
        writer.member("object", "list")
        writer.array("data") { writer in
            for index in 0..<plan.request.choices {
                writer.object { writer in
                    writer.member("object", "embedding")
                    writer.member("index", Int64(index))
                    writer.raw("embedding", embedding.bytes)
                }
            }
        }
        writer.member("model", plan.request.model)
        if let usage = plan.usage {
            writer.name("usage")
            usage.writeEmbedding(to: &writer)
        }
    }

    private func writeTriton(to writer: inout JSONWriter) {
        if let id = plan.request.inferenceID { writer.member("id", id) }
        writer.member("model_name", plan.request.model)
        writer.member("model_version", "1")
        writer.name("text_output")
        MockWords.write(0..<plan.length, to: &writer)
    }

    private func writeInference(to writer: inout JSONWriter) {
        if let id = plan.request.inferenceID { writer.member("id", id) }
        writer.member("model_name", plan.request.model)
        writer.member("model_version", "1")
        writer.array("outputs") { writer in
            writer.object { writer in
                writer.member("name", "text_output")
                writer.member("datatype", "BYTES")
                writer.array("shape") { $0.value(1) }
                writer.array("data") { MockWords.write(0..<plan.length, to: &$0) }
            }
        }
    }
}
