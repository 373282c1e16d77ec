import LLMWire
import NIOCore
import QuotaTesting
import Testing

@Suite("Streams cut anywhere")
struct StreamCutTests {
    /// A stream with everything in it.
    static let long: String = {
        var text = "\u{FEFF}: hello\r\n\r\n" + chunk(#""role":"assistant","content":"""#)
        for word in ["The", " quick", " 狗", #"\n\u00e9\ud83d\ude00"#, " and", " so", " on"] {
            text += chunk(#""content":"\#(word)""#)
            text += chunk(#""content":"\#(word)""#, more: #","usage":null"#)
        }
        text += "event: x\rid: 7\rdata: {\"choices\":\rdata: [{\"delta\":{\"content\":\"a\"}}]}\r\r"
        text += usageChunk.replacing("\n\n", with: "\r\r") + "\r\n" + ": ping\n\n"
        text += chunk("", finish: #""stop""#).replacing("\n", with: "\r\n")
        text += usageChunk.replacing("\n", with: "\r\n")
        return text + usageChunk + "data: [DONE]\n\n"
    }()

    static let short =
        "data: {\"choices\":[{\"text\":\"a\"}]}\r\n\r\ndata: {\"choices\":[],\"usage\":"
        + "{\"prompt_tokens\":1,\"completion_tokens\":2}}\r\n\r\ndata:[DONE]\r\r"

    @Test("one cut at every place, and a cut at all of them, make no difference")
    func oneCut() throws {
        let bytes = Array(Self.long.utf8)
        for stripsUsage in [true, false] {
            let whole = try StreamOracle(
                bytes, endpoint: .chatCompletions, stripsUsage: stripsUsage)
            #expect(whole.tokens == 15)
            #expect(whole.usage == Usage(input: 9, cachedInput: 2, output: 4, reasoning: 1))
            #expect(whole.isDone && whole.hasFinish && !whole.isTorn)
            for cut in 0...bytes.count {
                let result = relay(
                    [bytes[..<cut], bytes[cut...]], .chatCompletions, stripsUsage: stripsUsage)
                #expect(result == whole, "cut at \(cut)")
            }
            let single = bytes.indices.map { bytes[$0...$0] }
            #expect(relay(single, .chatCompletions, stripsUsage: stripsUsage) == whole)
        }
    }

    @Test("two cuts at every two places make no difference")
    func twoCuts() throws {
        let bytes = Array(Self.short.utf8)
        let whole = try StreamOracle(bytes, endpoint: .completions, stripsUsage: true)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                let result = relay(pieces, .completions)
                if result != whole { Issue.record("cut at \(first) and \(second)") }
            }
        }
    }

    @Test("a stream that ends at any place gives whole events only, and never more than before")
    func truncated() throws {
        let bytes = Array(Self.long.utf8)
        var before = StreamOracle()
        for count in 0...bytes.count {
            let part = Array(bytes[..<count])
            let result = relay([part[...]], .chatCompletions)
            #expect(
                try result
                    == StreamOracle(part, endpoint: .chatCompletions, stripsUsage: true))
            #expect(result.tokens >= before.tokens)
            #expect(result.output.starts(with: before.output) || before.isDone)
            before = result
        }
    }

    @Test("bytes leave as soon as their event is whole")
    func noDelay() {
        var scanner = StreamScanner(endpoint: .chatCompletions, stripsUsage: true)
        for event in [chunk(#""content":"a""#), ": x\r\r", "\r\n", chunk(#""content":"b""#)] {
            var passed = 0
            for byte in event.utf8 {
                passed += scanner.receive(.init(bytes: [byte])).readableBytes
            }
            #expect(passed == event.utf8.count, "\(event.debugDescription)")
        }
    }
}
