import NIOCore

/// The requests of the benchmarks, encoded once.
enum GatewayRequest {
    /// The model that has a price.
    static let model = "priced"

    /// A chat that is answered whole.
    static func chat(_ target: GatewayTarget, tokens: Int, promptBytes: Int = 60) -> ByteBuffer {
        let words = String(repeating: "the quick brown fox jumps ", count: promptBytes / 26 + 1)
        return post(
            target,
            #"{"model":"\#(model)","max_tokens":\#(tokens),"messages":["#
                + #"{"role":"user","content":"\#(words.prefix(promptBytes))"}]}"#)
    }

    /// A chat whose answer is streamed, with usage.
    static func stream(_ target: GatewayTarget, tokens: Int) -> ByteBuffer {
        post(
            target,
            #"{"model":"\#(model)","max_tokens":\#(tokens),"stream":true,"#
                + #""stream_options":{"include_usage":true},"messages":["#
                + #"{"role":"user","content":"tell me a long story"}]}"#)
    }

    /// What stands in the end of each such stream.
    static func streamEnd(tokens: Int) -> [String] {
        [#""completion_tokens":\#(tokens)"#, "data: [DONE]"]
    }

    private static func post(_ target: GatewayTarget, _ json: String) -> ByteBuffer {
        RequestBytes.post("/v1/chat/completions", credential: target.credential, json: json)
    }
}
