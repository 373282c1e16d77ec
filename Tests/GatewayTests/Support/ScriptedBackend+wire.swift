// What inference servers say, as bytes.
extension ScriptedBackend {
    /// The head of a stream in chunks.
    static let streamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    /// The event by which OpenAI's streams end.
    static let done = chunk("data: [DONE]\n\n")
    /// The end of the chunks.
    static let streamEnd = "0\r\n\r\n"

    /// A whole answer.
    static func whole(
        _ json: String,
        status: String = "200 OK",
        fields: [String] = []
    ) -> String {
        var head = "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
        for field in fields { head += field + "\r\n" }
        return head + "Content-Length: \(json.utf8.count)\r\n\r\n" + json
    }

    /// A whole stream with these events.
    static func stream(_ events: [String]) -> String {
        streamHead + events.map { event($0) }.joined() + done + streamEnd
    }

    /// An event of a stream, in a chunk of its own.
    static func event(_ data: String) -> String { chunk("data: \(data)\n\n") }

    /// A chunk of a body.
    static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
    }

    /// The usage of a chat or a completion.
    static func usage(_ prompt: Int, _ completion: Int) -> String {
        #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion),"#
            + #""total_tokens":\#(prompt + completion)}"#
    }

    /// A whole chat, with these members besides the text.
    static func chat(_ text: String, _ more: String = "") -> String {
        #"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":"#
            + #"{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}]\#(more)}"#
    }

    /// A piece of a chat's stream, with these members besides the text.
    static func piece(_ text: String, _ more: String = "") -> String {
        #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":"#
            + #"{"content":"\#(text)"},"finish_reason":null}]\#(more)}"#
    }

    /// The last pieces of a chat's stream: why it ends, and its usage.
    static func ending(_ prompt: Int, _ completion: Int) -> [String] {
        [
            #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            #"{"id":"c","choices":[],"usage":\#(usage(prompt, completion))}"#,
        ]
    }
}
