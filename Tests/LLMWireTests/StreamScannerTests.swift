import LLMWire
import NIOCore
import Testing

@Suite("A stream as it passes")
struct StreamScannerTests {
    @Test(
        "tokens are counted from every kind of text",
        arguments: [
            (.chatCompletions, chunk(#""role":"assistant","content":"""#), 0),
            (.chatCompletions, chunk(#""content":"a""#), 1),
            (.chatCompletions, chunk(#""content":"\#(String(repeating: "a", count: 32))""#), 1),
            (.chatCompletions, chunk(#""content":"\#(String(repeating: "a", count: 33))""#), 9),
            // Counted is what escapes stand for.
            (
                .chatCompletions,
                chunk(#""content":"\#(String(repeating: #"\u0061"#, count: 32))""#), 1
            ),
            (.chatCompletions, chunk(#""content":"\#(String(repeating: "狗", count: 12))""#), 9),
            (.chatCompletions, chunk(#""reasoning_content":"a""#), 1),
            (.chatCompletions, chunk(#""reasoning":"a""#), 1),
            (
                .chatCompletions,
                chunk(
                    #""reasoning":"\#(String(repeating: "a", count: 40))","reasoning_content":"\#(String(repeating: "a", count: 40))""#
                ),
                10
            ),
            (.chatCompletions, chunk(#""refusal":"no""#), 1),
            (.chatCompletions, chunk(#""content":null"#), 0),
            (
                .chatCompletions,
                chunk(#""tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a"}}]"#), 1
            ),
            (
                .chatCompletions,
                chunk(#""tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]"#), 0
            ),
            (
                .completions,
                "data: {\"choices\":[{\"text\":\"a\"},{\"text\":\"b\"},{\"text\":\"\"}]}\n\n", 2
            ),
            (
                .responses,
                "event: response.output_text.delta\ndata: {\"delta\":\"a\",\"type\":\"response.output_text.delta\"}\n\n",
                1
            ),
            (
                .responses,
                "data: {\"type\":\"response.output_text.done\",\"delta\":\"a\",\"text\":\"a\"}\n\n",
                0
            ),
            (.tritonGenerateStream, "data: {\"text_output\":\"a\"}\n\n", 1),
        ] as [(Endpoint, String, Int64)])
    func tokens(endpoint: Endpoint, text: String, tokens: Int64) {
        let result = relay(text, endpoint)
        #expect(result.tokens == tokens)
        #expect(result.output == Array(text.utf8))
        #expect(result.failure == nil)
        // The same event again, which is compared and not read.
        #expect(relay(text + text + text, endpoint).tokens == 3 * tokens)
    }

    @Test("usage is read, and its chunk dropped only when nobody asked for it")
    func usage() {
        let body = chunk(#""content":"a""#, more: #","usage":null"#)
        let text = body + body + usageChunk + "data: [DONE]\n\n"
        let expected = Usage(input: 9, cachedInput: 2, output: 4, reasoning: 1)
        for stripsUsage in [true, false] {
            let result = relay(text, stripsUsage: stripsUsage)
            #expect(result.usage == expected)
            #expect(result.tokens == 2)
            #expect(result.isDone)
            #expect(!result.hasFinish)
            let passed = stripsUsage ? body + body + "data: [DONE]\n\n" : text
            #expect(result.output == Array(passed.utf8))
        }
    }

    @Test("chunks that carry more than usage pass, whatever was asked")
    func usageWithMore() {
        let texts = [
            chunk(#""content":"a""#, more: #","usage":{"prompt_tokens":1,"completion_tokens":1}"#),
            "data: {\"choices\":[]}\n\n", "data: {\"choices\":[],\"usage\":null}\n\n",
            "data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n",
        ]
        for text in texts { #expect(relay(text).output == Array(text.utf8)) }
    }

    @Test(
        "a usage that can't be true is none",
        arguments: [
            (#"{"prompt_tokens":1,"completion_tokens":2}"#, Usage(input: 1, output: 2)),
            (#"{"prompt_tokens":-1,"completion_tokens":2}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":9007199254740992}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":2.0}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":"2"}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":null}"#, nil),
            (#"{"prompt_tokens":1}"#, nil),
            ("{}", nil),
            ("7", nil),
            (
                #"{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":5}}"#,
                Usage(input: 1, cachedInput: 1, output: 2, reasoning: 2)
            ),
            (
                #"{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":null}"#,
                Usage(input: 1, output: 2)
            ),
            (
                #"{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":-5}}"#,
                nil
            ),
        ] as [(String, Usage?)])
    func badUsage(usage: String, expected: Usage?) {
        // An earlier one is not believed either: it would say too little.
        let first =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":0}}\n\n"
        #expect(relay(first + "data: {\"usage\":\(usage)}\n\n").usage == expected)
        let whole = ByteBuffer(string: "{\"usage\":\(usage)}")
        #expect(ResponseScan.scan(whole, endpoint: .chatCompletions).usage == expected)
    }

    @Test("a response ends with its last event, which has the usage")
    func responses() {
        for (name, isFailed) in [("completed", false), ("incomplete", false), ("failed", true)] {
            let error = isFailed ? #"{"code":"x","message":"broke"}"# : "null"
            let last =
                "event: response.\(name)\ndata: {\"response\":{\"error\":\(error),\"usage\":"
                + #"{"input_tokens":3,"output_tokens":2,"input_tokens_details":{"cached_tokens":1}},"#
                + "\"output\":[{\"content\":[{\"text\":\"a\"}]}]},\"type\":\"response.\(name)\"}\n\n"
            let created =
                #"data: {"type":"response.created","response":{"usage":{"input_tokens":9,"output_tokens":9}}}"#
                + "\n\n"
            #expect(relay(created, .responses).usage == nil)
            #expect(!relay(created, .responses).isDone)
            let result = relay(created + last, .responses)
            #expect(result.usage == Usage(input: 3, cachedInput: 1, output: 2))
            #expect(result.isDone)
            #expect(result.hasFinish)
            #expect(result.tokens == 0)
            #expect(result.failure == (isFailed ? .backendError("broke") : nil))
            #expect(result.output == Array((created + last).utf8))
        }
    }

    @Test(
        "an error inside a stream is seen and passes",
        arguments: [
            (
                .chatCompletions, #"{"error":{"message":"out of \"memory\"","code":500}}"#,
                "out of \"memory\""
            ),
            (.chatCompletions, #"{"error":{}}"#, "the backend reported an error"),
            (.chatCompletions, #"{"error":"text"}"#, "text"),
            (.chatCompletions, #"{"object":"error","message":"old","code":400}"#, "old"),
            (.responses, #"{"type":"error","message":"m","code":"c"}"#, "m"),
            (.tritonGenerateStream, #"{"error":"tensor"}"#, "tensor"),
            (.chatCompletions, #"{"error":null,"object":"chunk","message":"x"}"#, nil),
        ] as [(Endpoint, String, String?)])
    func errors(endpoint: Endpoint, data: String, message: String?) {
        let text = "data: \(data)\n\n: more\n\n"
        let result = relay(text, endpoint)
        #expect(result.failure == message.map { .backendError($0) })
        #expect(result.output == Array(text.utf8))
    }

    @Test("a long message of an error is cut between characters")
    func longMessage() {
        let long = String(repeating: "狗", count: 1_000)
        guard case .backendError(let message) = relay("data: {\"error\":\"\(long)\"}\n\n").failure
        else {
            Issue.record("no error")
            return
        }
        #expect((1_000...1_026).contains(message.utf8.count))
        #expect(message.allSatisfy { $0 == "狗" })
    }

    @Test(
        "after garbage nothing passes",
        arguments: [
            "data: x\n\n", "data: {\n\n", "data: {}}\n\n", "data: 7\n\n", "data: []\n\n",
            "data: {\"a\":\"\u{1}\"}\n\n", "data: {\"a\":\"\\x\"}\n\n", "data: {}\ndata: {}\n\n",
            "data:  [DONE\n\n", "data:  \n\n",
        ])
    func garbage(event: String) {
        let good = chunk(#""content":"a""#)
        let result = relay(good + event + good)
        #expect(result.failure == .garbage)
        #expect(result.output == Array(good.utf8))
        #expect(result.tokens == 1)
        #expect(!result.isTorn)
    }

    @Test("text that is not UTF-8 is garbage, also where an event is like the one before it")
    func invalidUTF8() {
        let good = Array(chunk(#""content":"ab""#).utf8)
        let place = (good.firstRange(of: Array("ab".utf8))?.lowerBound ?? 0)
        var bad = good
        bad[place] = 0xFF
        let result = relay([good[...], good[...], bad[...], good[...]], .chatCompletions)
        #expect(result.failure == .garbage)
        #expect(result.output == good + good)
        #expect(result.tokens == 2)
    }

    @Test("lines of every kind pass and mean what the standard says")
    func lines() {
        let texts = [
            ": ping\n\n", "\n", "\r\n", "\r", "data\n\n", "data:\n\n", "data:{}\n\n",
            "event: x\nid: 1\nretry: 5\ndata: {}\n\n", "data: {\ndata: \"a\":1\r\ndata:}\r\r",
            "database: x\n\n", "\u{FEFF}data: {}\n\n", " data: x\n\n", "data : x\n\n",
        ]
        for text in texts {
            let result = relay(text)
            #expect(result.output == Array(text.utf8), "\(text.debugDescription)")
            #expect(result.failure == nil, "\(text.debugDescription)")
            #expect(!result.isTorn, "\(text.debugDescription)")
        }
        // A byte order mark stands at the beginning of a stream or nowhere.
        #expect(relay("\u{FEFF}data: x\n\n").failure == .garbage)
        #expect(relay("\n\u{FEFF}data: x\n\n").failure == nil)
    }

    @Test("an event that is not whole is dropped at the end, but for the end mark")
    func torn() {
        let good = chunk(#""content":"a""#)
        for rest in [
            String(good.dropLast()), "d", ": pi", "data: [DONE", "data: [DONE]\ndata: x\n",
        ] {
            let result = relay(good + rest)
            #expect(result.isTorn)
            #expect(!result.isDone)
            #expect(result.output == Array(good.utf8))
            #expect(result.tokens == 1)
        }
        for rest in ["data: [DONE]", "data:[DONE] \n", "data: [DONE]\r"] {
            let result = relay(good + rest)
            #expect(!result.isTorn)
            #expect(result.isDone)
            #expect(result.output == Array((good + rest).utf8))
        }
    }

    @Test("an event of 16 MiB passes, a longer one does not, in one piece or many")
    func length() {
        let most = StreamScanner.maximumEventBytes
        let frame = chunk(#""content":"""#).utf8.count
        let good = chunk(#""content":"a""#)
        for (count, isTooLong) in [(most - frame, false), (most - frame + 1, true)] {
            let long = chunk(#""content":"\#(String(repeating: "a", count: count))""#)
            let bytes = Array((good + long + good).utf8)
            for size in [bytes.count, 70_000] {
                let pieces = stride(from: 0, to: bytes.count, by: size)
                    .map {
                        bytes[$0..<min($0 + size, bytes.count)]
                    }
                let result = relay(pieces, .chatCompletions)
                #expect(result.failure == (isTooLong ? .tooLong : nil))
                #expect(result.output == (isTooLong ? Array(good.utf8) : bytes))
                #expect(result.tokens == (isTooLong ? 1 : 2 + (Int64(count) + 3) / 4))
            }
        }
        // No end at all.
        var scanner = StreamScanner(endpoint: .chatCompletions, stripsUsage: true)
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 100_000)
        for _ in 0...StreamScanner.maximumEventBytes / 100_000 {
            let passed = scanner.receive(piece)
            #expect(passed.readableBytes == 0)
        }
        #expect(scanner.failure == .tooLong)
    }

    @Test("whole events go on without being copied")
    func noCopy() {
        var scanner = StreamScanner(endpoint: .chatCompletions, stripsUsage: true)
        let good = chunk(#""content":"a""#)
        let input = ByteBuffer(string: good + good + "data: {")
        let output = scanner.receive(input)
        let (from, to) = (input.address, output.address)
        #expect(from == to)
        #expect(output.readableBytes == 2 * good.utf8.count)
    }
}

extension ByteBuffer {
    fileprivate var address: UInt {
        withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
    }
}
