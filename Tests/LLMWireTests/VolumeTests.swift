import LLMWire
import NIOCore
import Testing

/// What to run under a profiler; nothing here looks at a clock.
@Suite("Large bodies and long streams")
struct VolumeTests {
    @Test("20,000 events in pieces as sockets give them are all counted, and all pass")
    func stream() {
        let words = ["the", " quick", #"\n"#, " 狗"]
        let bytes = Array(
            (0..<5_000)
                .flatMap { _ in
                    words.map { word in
                        chunk(#""content":"\#(word)""#)
                    }
                }
                .joined().utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 16_384)
            .map {
                bytes[$0..<min($0 + 16_384, bytes.count)]
            }
        let result = relay(pieces, .chatCompletions)
        #expect(result.tokens == 20_000)
        #expect(result.output == bytes)
    }

    @Test("a body of 400 kB is read, and changed where it has to be")
    func body() throws {
        let prompt = String(repeating: "the quick brown fox ", count: 20_000)
        let head = #"{"messages":[{"content":""#
        let body = ByteBuffer(string: head + prompt + #""}],"stream":true,"model":"a"}"#)
        let scan = try RequestScan.scan(body, endpoint: .chatCompletions)
        #expect(scan.promptBytes == prompt.utf8.count)
        let result = scan.upstreamBody(from: body, model: "b", asksForUsage: true)
        #expect(
            String(buffer: result)
                == #"{"stream_options":{"include_usage":true},"# + head.dropFirst() + prompt
                + #""}],"stream":true,"model":"b"}"#)
    }
}
