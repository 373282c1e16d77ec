import NIOCore
import StrictJSON
import Testing

@testable import MockBackend

@Suite("Answers over time")
struct GenerationTests {
    private let millisecond: UInt64 = 1_000_000

    private func tokens(in drive: Drive) -> Int {
        drive.text.split(separator: "\"content\":\" ").count - 1
    }

    @Test("A paced stream has its first token after its delay, then as many as are due")
    func pace() throws {
        let slow = settings {
            $0.firstTokenMilliseconds = 100
            $0.tokensPerSecond = 50
        }
        var drive = Drive(try plan(chat(#","stream":true,"max_tokens":10"#), slow))
        let start = drive.now
        #expect(drive.step() == .at(start + 100 * millisecond))
        #expect(drive.text.isEmpty)
        drive.now += 100 * millisecond
        #expect(drive.step() == .tick)
        #expect(tokens(in: drive) == 1)
        for tick in 1...17 {
            drive.now += 10 * millisecond
            #expect(drive.step() == .tick)
            #expect(tokens(in: drive) == 1 + tick / 2)
            #expect(drive.generation.tokens == 1 + tick / 2)
        }
        drive.now += 10 * millisecond
        #expect(drive.step() == .done)
        #expect(drive.generation.tokens == 10)
    }

    @Test("All choices grow at the pace")
    func pacedChoices() throws {
        let slow = settings { $0.tokensPerSecond = 10 }
        var drive = Drive(try plan(chat(#","stream":true,"n":3,"max_tokens":4"#), slow))
        #expect(drive.step() == .tick)
        #expect(drive.generation.tokens == 3)
        drive.now += 200 * millisecond
        #expect(drive.step() == .tick)
        #expect(drive.generation.tokens == 9)
        drive.now += 10_000 * millisecond
        #expect(drive.step() == .done)
        #expect(drive.generation.tokens == 12)
    }

    @Test("A whole answer comes when its last token is due")
    func wholePace() throws {
        let slow = settings {
            $0.firstTokenMilliseconds = 100
            $0.tokensPerSecond = 50
        }
        var drive = Drive(try plan(chat(#","max_tokens":11"#), slow))
        let due = drive.now + 300 * millisecond
        #expect(drive.step() == .at(due))
        drive.now = due
        #expect(drive.step() == .done)
        var abandoned = Drive(try plan(chat(#","max_tokens":11"#), slow))
        _ = abandoned.step()
        abandoned.generation.abandon(now: abandoned.now + 50 * millisecond)
        #expect(abandoned.generation.tokens == 0)
        var later = Drive(try plan(chat(#","max_tokens":11"#), slow))
        _ = later.step()
        later.generation.abandon(now: later.now + 150 * millisecond)
        #expect(later.generation.tokens == 3)
    }

    @Test("Nothing is generated while nobody reads, and nothing is made up for")
    func backpressure() throws {
        var drive = Drive(try plan(chat(#","stream":true,"mock":{"fail":"endless"}"#)))
        #expect(drive.step() == .again)
        let tokens = drive.generation.tokens
        #expect(tokens > 0)
        for _ in 0..<10 { #expect(drive.step(isWritable: false) == .writable) }
        #expect(drive.generation.tokens == tokens)
        #expect(drive.step() == .again)
        #expect(drive.generation.tokens > tokens)

        let slow = settings { $0.tokensPerSecond = 100 }
        var paced = Drive(try plan(chat(#","stream":true,"max_tokens":1000"#), slow))
        #expect(paced.step() == .tick)
        paced.now += 10 * millisecond
        #expect(paced.step(isWritable: false) == .writable)
        paced.now += 1_000 * millisecond
        #expect(paced.step() == .tick)
        #expect(paced.generation.tokens == 2)
        paced.now += 20 * millisecond
        #expect(paced.step() == .tick)
        #expect(paced.generation.tokens == 4)
    }

    @Test("An endless stream goes on after any number of tokens")
    func endless() throws {
        var drive = Drive(
            try plan(chat(#","stream":true,"max_tokens":5,"mock":{"fail":"endless"}"#)))
        for _ in 0..<100 { #expect(drive.step() == .again) }
        #expect(drive.generation.tokens == 51_200)
        #expect(!drive.text.contains("[DONE]"))
    }

    @Test("A stream is cut after any of its tokens", arguments: 0...20)
    func cut(after count: Int) throws {
        let members = #","stream":true,"max_tokens":20,"mock":{"fail":"cut:\#(count)"}"#
        var drive = Drive(try plan(chat(members)), isChunked: true)
        #expect(drive.run() == .broken)
        #expect(drive.generation.tokens == count)
        #expect(tokens(in: drive) == count)
        #expect(!drive.text.contains("[DONE]"))
        #expect(!drive.text.hasSuffix("0\r\n\r\n"))
    }

    @Test("A whole answer that is cut has a length, and less than that")
    func wholeCut() throws {
        var drive = Drive(try plan(chat(#","mock":{"fail":"cut:3"}"#)))
        #expect(drive.run() == .broken)
        #expect(throws: JSONSyntaxError.self) { try drive.document }
        #expect(drive.generation.tokens == 64)
    }

    @Test("An error comes as an event after its tokens, in the form of its API")
    func errorInStream() throws {
        let chatMembers = #","stream":true,"mock":{"fail":"error:7"}"#
        var drive = Drive(try plan(chat(chatMembers)))
        #expect(drive.run() == .done)
        #expect(drive.generation.tokens == 7)
        let last = try #require(try documents(of: drive.events).last)
        #expect(last["error"]?["message"]?.stringValue != nil)
        #expect(!drive.text.contains("[DONE]"))
        let body = #"{"text_input":"a","mock":{"fail":"error:7"}}"#
        var triton = Drive(try plan(request(body, .tritonStream, model: "mock")))
        #expect(triton.run() == .done)
        #expect(try documents(of: triton.events).last?["error"]?.stringValue != nil)
        #expect(triton.events.count == 8)
    }

    @Test("What stalls says nothing, ever")
    func stall() throws {
        for members in [#","mock":{"fail":"stall"}"#, #","mock":{"fail":"endless"}"#] {
            var drive = Drive(try plan(chat(members)))
            #expect(drive.step() == .never)
            drive.now += 1_000_000 * millisecond
            #expect(drive.step() == .never)
            drive.generation.abandon(now: drive.now)
            #expect(drive.text.isEmpty)
            #expect(drive.generation.tokens == 0)
        }
    }

    @Test("Garbage is no JSON")
    func garbage() throws {
        var whole = Drive(try plan(chat(#","mock":{"fail":"garbage"}"#)))
        #expect(whole.run() == .done)
        #expect(throws: JSONSyntaxError.self) { try whole.document }
        var stream = Drive(try plan(chat(#","stream":true,"mock":{"fail":"garbage"}"#)))
        #expect(stream.run() == .done)
        #expect(stream.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(throws: JSONSyntaxError.self) { try documents(of: stream.events) }
    }

    @Test("Wrong usage contradicts the stream, whose tokens are counted rightly")
    func wrongUsage() throws {
        let members = """
            ,"stream":true,"max_tokens":5,"stream_options":{"include_usage":true},\
            "mock":{"fail":"wrong-usage"}
            """
        var drive = Drive(try plan(chat(members)))
        #expect(drive.run() == .done)
        #expect(drive.generation.tokens == 5)
        let usage = try documents(of: drive.events).last?["usage"]
        #expect(usage?["completion_tokens"]?.integerValue == 110)
    }

    @Test("Chunks have the size that stands before them, also those that are sent again")
    func chunks() throws {
        var drive = Drive(try plan(chat(#","stream":true,"mock":{"tokens":700}"#)), isChunked: true)
        #expect(drive.run() == .done)
        var plain = Drive(try plan(chat(#","stream":true,"mock":{"tokens":700}"#)))
        #expect(plain.run() == .done)
        #expect(try dechunked(Array(drive.body.utf8)) == Array(plain.body.utf8))
        #expect(drive.text.contains("Transfer-Encoding: chunked"))
        #expect(drive.generation.keepsAlive)
        // Without chunks the end of the connection is the end of the stream.
        #expect(plain.text.contains("Connection: close"))
        #expect(!plain.generation.keepsAlive)
    }

    private func dechunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            let digits = String(decoding: rest[..<end], as: UTF8.self)
            let size = try #require(Int(digits, radix: 16))
            #expect(rest.dropFirst(digits.utf8.count).starts(with: "\r\n".utf8))
            rest = rest.dropFirst(digits.utf8.count + 2)
            body += rest.prefix(size)
            #expect(rest.dropFirst(size).starts(with: "\r\n".utf8))
            rest = rest.dropFirst(size + 2)
            if size == 0 { break }
        }
        #expect(rest.isEmpty)
        return body
    }
}
