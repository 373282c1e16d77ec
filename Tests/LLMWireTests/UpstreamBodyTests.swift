import LLMWire
import NIOCore
import Testing

@Suite("The body for the backend")
struct UpstreamBodyTests {
    @Test(
        "only what is asked changes, byte for byte",
        arguments: [
            (
                #"{ "model" : "a" , "x":1.50 }"#, "b", false, #"{ "model" : "b" , "x":1.50 }"#
            ),
            (#"{"model":"a"}"#, "a", true, #"{"model":"a"}"#),
            (#"{"model":"\u0061"}"#, "a", false, #"{"model":"\u0061"}"#),
            (#"{"model":"é"}"#, "e\u{301}", false, "{\"model\":\"e\u{301}\"}"),
            (#"{"model":"a"}"#, "q\"\\\n\u{1}", false, #"{"model":"q\"\\\n\u0001"}"#),
            (#"{"model":null}"#, "b", false, #"{"model":"b"}"#),
            ("{}", "b", false, #"{"model":"b"}"#),
            (" { } ", "b", false, #" {"model":"b" } "#),
            (#" { "x":1}"#, "b", false, #" { "model":"b","x":1}"#),
            // Usage is asked for in streams alone.
            (#"{"stream":false}"#, nil, true, #"{"stream":false}"#),
            (
                #"{"stream":true}"#, nil, true,
                #"{"stream_options":{"include_usage":true},"stream":true}"#
            ),
            (
                #"{"stream":true,"stream_options":null}"#, nil, true,
                #"{"stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"stream_options":{ }}"#, nil, true,
                #"{"stream":true,"stream_options":{"include_usage":true }}"#
            ),
            (
                #"{"stream":true,"stream_options":{ "x":[1]}}"#, nil, true,
                #"{"stream":true,"stream_options":{"include_usage":true, "x":[1]}}"#
            ),
            (
                #"{"stream_options":{"x":1,"include_usage":false,"y":2},"stream":true}"#, nil, true,
                #"{"stream_options":{"x":1,"include_usage":true,"y":2},"stream":true}"#
            ),
            (
                #"{"stream_options":{"include_usage":null},"stream":true}"#, nil, true,
                #"{"stream_options":{"include_usage":true},"stream":true}"#
            ),
            (
                #"{"stream_options":{"include_usage":true},"stream":true}"#, nil, true,
                #"{"stream_options":{"include_usage":true},"stream":true}"#
            ),
            (
                #"{"stream_options":{},"stream":true,"model":"a"}"#, "longer", true,
                #"{"stream_options":{"include_usage":true},"stream":true,"model":"longer"}"#
            ),
            (
                #"{"model":"aaaaaa","stream":true,"stream_options":null}"#, "b", true,
                #"{"model":"b","stream":true,"stream_options":{"include_usage":true}}"#
            ),
        ] as [(String, String?, Bool, String)])
    func edits(body: String, model: String?, asksForUsage: Bool, expected: String) throws {
        // Behind other bytes, so that places count from the reader index.
        var buffer = ByteBuffer(string: "before" + body)
        buffer.moveReaderIndex(forwardBy: 6)
        let scan = try RequestScan.scan(buffer, endpoint: .chatCompletions)
        let result = scan.upstreamBody(from: buffer, model: model, asksForUsage: asksForUsage)
        #expect(String(buffer: result) == expected)
        #expect(Array(result.readableBytesView) == Array(expected.utf8))
    }

    @Test("both members that are missing come first")
    func bothMissing() throws {
        let body = ByteBuffer(string: #"{"stream":true}"#)
        let scan = try RequestScan.scan(body, endpoint: .completions)
        let result = scan.upstreamBody(from: body, model: "b", asksForUsage: true)
        let expected =
            #"{"model":"b","stream_options":{"include_usage":true},"stream":true}"#
        #expect(String(buffer: result) == expected)
    }

    @Test("responses, embeddings and Triton have no stream options, and Triton no model")
    func others() throws {
        for endpoint in Endpoint.allCases where endpoint != .chatCompletions {
            if endpoint == .completions { continue }
            let body = ByteBuffer(string: #"{"model":"a","stream":true}"#)
            let scan = try RequestScan.scan(body, endpoint: endpoint)
            let result = scan.upstreamBody(from: body, model: "b", asksForUsage: true)
            let model = endpoint.isTriton ? "a" : "b"
            #expect(String(buffer: result) == #"{"model":""# + model + #"","stream":true}"#)
        }
    }

    @Test("a body that was not scanned comes back as it is")
    func otherBody() throws {
        let scan = try scan(#"{"model":"a","stream":true}"#)
        for text in ["", "{", #"{"model":"a","stream":true} "#] {
            let body = ByteBuffer(string: text)
            #expect(scan.upstreamBody(from: body, model: "b", asksForUsage: true) == body)
        }
    }
}
