import LLMWire
import NIOCore
import Testing

@Suite("What a request says of itself")
struct RequestScanTests {
    struct Expected: Sendable {
        var model: String?
        var isStream = false
        var wantsUsage = false
        var maximum: Int64?
        var choices: Int64 = 1
        var promptBytes = 0
    }

    @Test(
        "each endpoint's members are read",
        arguments: [
            (.chatCompletions, "{}", Expected()),
            (.chatCompletions, " \r\n\t{ } ", Expected()),
            (
                .chatCompletions,
                #"""
                {"model":"small","messages":[{"role":"user","content":"hello"}],"stream":true,
                 "stream_options":{"x":1,"include_usage":true},"n":3,"max_tokens":17,"other":[{}]}
                """#,
                Expected(
                    model: "small", isStream: true, wantsUsage: true, maximum: 17, choices: 3,
                    promptBytes: 9)
            ),
            (
                .chatCompletions, #"{"max_completion_tokens":5,"max_tokens":7}"#,
                Expected(maximum: 7)
            ),
            (
                .chatCompletions, #"{"max_tokens":7,"max_completion_tokens":null}"#,
                Expected(maximum: 7)
            ),
            (.chatCompletions, #"{"max_tokens":9007199254740991}"#, Expected(maximum: 1 << 53 - 1)),
            (
                .chatCompletions,
                #"{"model":null,"stream":null,"stream_options":null,"n":null,"max_tokens":null}"#,
                Expected()
            ),
            (.chatCompletions, #"{"stream":false,"stream_options":{}}"#, Expected()),
            (.chatCompletions, #"{"stream_options":{"include_usage":null}}"#, Expected()),
            (.chatCompletions, #"{"model":"\u0061\ud83d\ude00\n\/é"}"#, Expected(model: "a😀\n/é")),
            (.chatCompletions, #"{"best_of":4,"prompt":"not read","input":1}"#, Expected()),
            (
                .completions, #"{"n":2,"best_of":4,"suffix":"ab"}"#,
                Expected(choices: 4, promptBytes: 2)
            ),
            (.completions, #"{"n":5,"best_of":4}"#, Expected(choices: 5)),
            (
                .completions, #"{"prompt":[1, 2,30000 ],"stream":true}"#,
                Expected(isStream: true, promptBytes: 12)
            ),
            (.completions, #"{"prompt":[[1,2],[3]]}"#, Expected(choices: 2, promptBytes: 12)),
            (.completions, #"{"prompt":["ab","c\n"]}"#, Expected(choices: 2, promptBytes: 4)),
            (
                .completions, #"{"best_of":4,"prompt":["a","b","c"],"n":2,"max_tokens":10}"#,
                Expected(maximum: 10, choices: 12, promptBytes: 3)
            ),
            (.completions, #"{"prompt":[]}"#, Expected()),
            (
                .tritonInfer,
                #"{"inputs":[{"name":"max_tokens","data":[[7],[9]]},{"data":["ab"],"name":"t"}]}"#,
                Expected(maximum: 16, promptBytes: 10)
            ),
            (
                .tritonInfer,
                #"{"max_tokens":20,"inputs":[{"data":[16],"name":"request_output_len"}]}"#,
                Expected(maximum: 20, promptBytes: 4)
            ),
            (
                .embeddings, #"{"model":"e","input":["ab","c"],"stream":true}"#,
                Expected(model: "e", promptBytes: 3)
            ),
            (
                .responses,
                #"{"model":"m","input":"abc","instructions":"de","max_output_tokens":9,"stream":true,"max_tokens":"not read"}"#,
                Expected(model: "m", isStream: true, maximum: 9, promptBytes: 5)
            ),
            (.responses, #"{"stream_options":7}"#, Expected()),
            (
                .tritonGenerate, #"{"text_input":"abc","stream":true,"model":5}"#,
                Expected(promptBytes: 3)
            ),
            (.tritonGenerate, #"{"parameters":{"max_tokens":8,"x":1}}"#, Expected(maximum: 8)),
            (.tritonGenerate, #"{"max_tokens":9,"parameters":null}"#, Expected(maximum: 9)),
            (
                .tritonGenerate, #"{"max_tokens":9,"parameters":{"max_tokens":8}}"#,
                Expected(maximum: 9)
            ),
            (.tritonGenerateStream, "{}", Expected(isStream: true)),
            (
                .tritonInfer,
                #"{"inputs":[{"name":"text_input","shape":[1,1],"datatype":"BYTES","data":[["abc"]]},7]}"#,
                Expected(promptBytes: 3)
            ),
        ] as [(Endpoint, String, Expected)])
    func members(endpoint: Endpoint, body: String, expected: Expected) throws {
        let scan = try scan(body, endpoint)
        #expect(scan.model == expected.model)
        #expect(scan.isStream == expected.isStream)
        #expect(scan.wantsUsage == expected.wantsUsage)
        #expect(scan.maximumOutputTokens == expected.maximum)
        #expect(scan.choices == expected.choices)
        #expect(scan.promptBytes == expected.promptBytes)
    }

    @Test(
        "what is wrong is said, and where",
        arguments: [
            ("", nil, "the body is empty"),
            (" ", nil, "the body is not valid JSON: unexpected end at byte 1"),
            ("[1]", nil, "the body is not a JSON object"),
            ("null", nil, "the body is not a JSON object"),
            ("\u{FEFF}{}", nil, "the body is not a JSON object"),
            (#"{"model":"small""#, nil, "the body is not valid JSON: unexpected end at byte 16"),
            (#"{"a":1}x"#, nil, "the body is not valid JSON: unexpected character at byte 7"),
            (
                #"{"a":01}"#, nil,
                "the body is not valid JSON: a number that starts with a zero at byte 5"
            ),
            (#"{"a":"\x"}"#, nil, "the body is not valid JSON: an unknown escape at byte 6"),
            (
                #"{"a":"\ud800"}"#, nil,
                "the body is not valid JSON: a surrogate without its partner at byte 6"
            ),
            (
                "{\"a\":\"\n\"}", nil,
                "the body is not valid JSON: a control character in a string at byte 6"
            ),
            // Before any member that is wrong.
            (#"{"n":0,"a":}"#, nil, "the body is not valid JSON: unexpected character at byte 11"),
            (#"{"model":7}"#, "model", "'model' must be a string"),
            (#"{"model":"a","model":"a"}"#, "model", "'model' is given twice"),
            (#"{"model":null,"model":"a"}"#, "model", "'model' is given twice"),
            (
                #"{"mod\u0065l":"a"}"#, "model",
                "'model' must be written without escapes in its name"
            ),
            (#"{"messages":[],"messages":[]}"#, "messages", "'messages' is given twice"),
            (#"{"stream":1}"#, "stream", "'stream' must be true or false"),
            (#"{"stream_options":[]}"#, "stream_options", "'stream_options' must be an object"),
            (
                #"{"stream_options":{"include_usage":1}}"#, "stream_options.include_usage",
                "'stream_options.include_usage' must be true or false"
            ),
            (
                #"{"stream_options":{"include_usage":true,"include_usage":true}}"#,
                "stream_options.include_usage", "'stream_options.include_usage' is given twice"
            ),
            (
                #"{"stream_options":{"include\u005fusage":true}}"#, "stream_options.include_usage",
                "'stream_options.include_usage' must be written without escapes in its name"
            ),
            (#"{"n":0}"#, "n", "'n' must be an integer from 1 to 128"),
            (#"{"n":129}"#, "n", "'n' must be an integer from 1 to 128"),
            (#"{"n":1.0}"#, "n", "'n' must be an integer from 1 to 128"),
            (#"{"n":"1"}"#, "n", "'n' must be an integer from 1 to 128"),
            (#"{"n":{}}"#, "n", "'n' must be an integer from 1 to 128"),
            (
                #"{"max_tokens":0}"#, "max_tokens",
                "'max_tokens' must be an integer from 1 to 9007199254740991"
            ),
            (
                #"{"max_tokens":-1}"#, "max_tokens",
                "'max_tokens' must be an integer from 1 to 9007199254740991"
            ),
            (
                #"{"max_tokens":9007199254740992}"#, "max_tokens",
                "'max_tokens' must be an integer from 1 to 9007199254740991"
            ),
            (
                #"{"max_completion_tokens":99999999999999999999}"#, "max_completion_tokens",
                "'max_completion_tokens' must be an integer from 1 to 9007199254740991"
            ),
        ] as [(String, String?, String)])
    func problems(body: String, param: String?, message: String) {
        #expect(problem(with: body) == RequestProblem(message: message, param: param))
    }

    @Test("bytes that are not UTF-8 are found in strings of every length")
    func invalidUTF8() {
        let faults: [[UInt8]] = [
            [0x80], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF],
            [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1],
        ]
        for fault in faults {
            for length in 0..<80 {
                let padding = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                let body = Array(#"{"a":""#.utf8) + padding + fault + Array(#""}"#.utf8)
                let message =
                    "the body is not valid JSON: bytes that are not UTF-8 at byte \(6 + length)"
                #expect(problem(with: body)?.message == message, "\(fault), \(length)")
            }
        }
    }

    @Test("128 levels are read, 129 are not")
    func depth() {
        func nested(_ levels: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: levels - 1)
                + String(repeating: "]", count: levels - 1) + "}"
        }
        #expect(problem(with: nested(128)) == nil)
        let message = "the body is not valid JSON: more than 128 levels at byte 132"
        #expect(problem(with: nested(129))?.message == message)
        let objects = String(repeating: #"{"messages":"#, count: 100_000)
        #expect(problem(with: objects)?.param == nil)
        #expect(problem(with: objects) != nil)
    }

    @Test("an image counts 1,024 bytes, a text that looks like one what it has")
    func images() throws {
        func bytes(_ url: String) throws -> Int {
            try scan(#"{"messages":[{"content":[{"image_url":{"url":""# + url + #""}}]}]}"#)
                .promptBytes
        }
        let data = String(repeating: "QUJD", count: 10_000)
        #expect(try bytes("data:image/png;base64," + data) == 1024)
        #expect(try bytes("data: " + data) == 40_006)
        #expect(try bytes("https://example.com/" + data) == 40_020)
        #expect(try bytes("data:image/png;base64,QUJD") == 26)
    }

    @Test("the names in the schema of a tool are text, those of a message are not")
    func tools() throws {
        #expect(try scan(#"{"tools":[{"name":"ab"}],"messages":[{"name":"ab"}]}"#).promptBytes == 8)
    }

    @Test("a large body is read from end to end, whatever is in it")
    func large() throws {
        let parts = [
            ("the quick brown fox ", 20), (#"\"x\"\n"#, 4), ("狗", 3), ("ü", 2), ("😀", 4),
            (#"\u72d7"#, 3), (#"\ud83d\ude00"#, 4),
        ]
        for (part, count) in parts {
            let text = String(repeating: part, count: 20_000)
            let body = #"{"messages":[{"content":""# + text + #""}],"max_tokens":3}"#
            let scan = try scan(body)
            #expect(scan.promptBytes == 20_000 * count)
            #expect(scan.maximumOutputTokens == 3)
        }
    }
}
