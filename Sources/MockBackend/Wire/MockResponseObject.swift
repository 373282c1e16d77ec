import StrictJSON

/// Writes the objects of `/v1/responses`.
struct MockResponseObject {
    private let plan: MockPlan
    private let identity: MockIdentity

    init(_ plan: MockPlan, _ identity: MockIdentity) {
        self.plan = plan
        self.identity = identity
    }

    /// The id of the one message.
    var messageID: String { identity.id("msg_") }

    /// Writes the members of the response; until it is done it has no output and no usage.
    func writeMembers(isDone: Bool, to writer: inout JSONWriter) {
        let isCapped = isDone && plan.isCapped
        writer.member("id", identity.id("resp_"))
        writer.member("object", "response")
        writer.member("created_at", identity.created)
        writer.member("status", isDone ? finalStatus : "in_progress")
        writer.null("error")
        if isCapped {
            writer.object("incomplete_details") { $0.member("reason", "max_output_tokens") }
        } else {
            writer.null("incomplete_details")
        }
        writer.null("instructions")
        writer.member("max_output_tokens", plan.request.maximumTokens.map(Int64.init))
        writer.member("model", plan.request.model)
        writer.array("output") { if isDone { writeItem(isDone: true, to: &$0) } }
        writer.member("parallel_tool_calls", true)
        writer.null("previous_response_id")
        writer.member("temperature", 1.0)
        writer.member("tool_choice", "auto")
        writer.array("tools") { _ in }
        writer.member("top_p", 1.0)
        writer.object("metadata") { _ in }
        if isDone, let usage = plan.usage {
            writer.name("usage")
            usage.writeResponse(to: &writer)
        } else {
            writer.null("usage")
        }
    }

    /// Writes the message.
    func writeItem(isDone: Bool, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", messageID)
            writer.member("type", "message")
            writer.member("status", isDone ? finalStatus : "in_progress")
            writer.member("role", "assistant")
            writer.array("content") { if isDone { writePart(isDone: true, to: &$0) } }
        }
    }

    /// Writes the part of the message that has the text.
    func writePart(isDone: Bool, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "output_text")
            writer.name("text")
            MockWords.write(0..<(isDone ? plan.length : 0), to: &writer)
            writer.array("annotations") { _ in }
            writer.array("logprobs") { _ in }
        }
    }

    private var finalStatus: String { plan.isCapped ? "incomplete" : "completed" }
}
