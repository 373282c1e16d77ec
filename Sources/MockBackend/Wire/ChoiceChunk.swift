import StrictJSON

/// What the events of chats and completions have in common.
struct ChoiceChunk {
    private let common: [UInt8]

    init(_ plan: MockPlan, _ identity: MockIdentity) {
        let isChat = plan.request.endpoint == .chat
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", identity.id(isChat ? "chatcmpl-" : "cmpl-"))
        writer.member("object", isChat ? "chat.completion.chunk" : "text_completion")
        writer.member("created", identity.created)
        writer.member("model", plan.request.model)
        writer.name("choices")
        writer.beginArray()
        common = Array("data: ".utf8) + writer.bytes
    }

    /// An event up to and with what follows the choice's index.
    func beginning(_ index: Int, _ rest: String) -> [UInt8] {
        common + Array(#"{"index":\#(index)"#.utf8) + Array(rest.utf8)
    }

    /// The event that has the usage, and no choice.
    func usage(_ usage: MockUsage) -> [UInt8] {
        var writer = JSONWriter()
        usage.write(to: &writer)
        return common + Array("],\"usage\":".utf8) + writer.bytes + Array("}\n\n".utf8)
    }
}
