import MockBackend
import NIOHTTP1
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// What is held against a backend, and what is not.
@Suite("what a backend is blamed for", .timeLimit(.minutes(10)))
struct BlameTests {
    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}]"#
            + "\(more)}"
    }

    private static let answer = ScriptedBackend.whole(
        ScriptedBackend.chat("A low dam.", #","usage":\#(ScriptedBackend.usage(7, 4))"#))

    @Test("a backend that waits for slow readers is not late, and they get all of it")
    func slowReaders() async throws {
        var long = MockSettings()
        // More than all buffers on the way take.
        long.outputTokens = 40_000
        // A model that never answers, by which time is told.
        let silent = try await ScriptedBackend()
        let hourglass = ModelConfiguration(
            name: ModelName(trusted: "silent"), pricing: .free,
            backends: [try silent.configuration()])
        let readers = 5
        let settings: TestGateway.Configure = {
            $0.retries = 0
            $0.idleTimeoutMilliseconds = 2_000
            $0.firstByteTimeoutMilliseconds = 5_000
            $0.models.append(hourglass)
        }
        try await TestGateway.with(
            limits: TestGateway.wide, backends: [long],
            configure: settings
        ) { server in
            var slow: [RawCaller] = []
            for _ in 0..<readers {
                let reader = try await RawCaller(to: server, reads: false)
                try await reader.ask(chat(#","stream":true"#), key: server.key)
                slow.append(reader)
            }
            try await server.callersAreSlow(readers)
            // All of it falls into the time in which nothing is read.
            let late = try await server.send(
                chat: chat().replacing(#""small""#, with: #""silent""#))
            #expect(late.status == 504, "\(late.text)")
            #expect(server.backends[0].statistics.running > 0)
            let other = try await server.send(chat: chat(#","max_tokens":3"#))
            #expect(other.status == 200, "\(other.text)")
            for reader in slow {
                try await reader.read()
                try await reader.hasHeard(end: "\r\n0\r\n\r\n")
                #expect(reader.hasEnd("data: [DONE]\n\n\r\n0\r\n\r\n"))
                try await reader.leave()
            }
            try await server.settle()
            let statistics = server.backends[0].statistics
            #expect(statistics.completed == readers + 1)
            #expect(statistics.completionTokens == readers * 40_000 + 3)
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens == (Int64(statistics.promptTokens + statistics.completionTokens), 0))
        }
        try await silent.stop()
    }

    @Test("a trial lets others through as soon as its answer begins, long before it ends")
    func trial() async throws {
        let backend = try await ScriptedBackend { request in
            if request.body.contains("fail") {
                return .say(ScriptedBackend.whole("{}", status: "500 Oh"))
            }
            return request.body.contains("trial") ? .nothing : .say(Self.answer)
        }
        let settings: TestGateway.Configure = { $0.retries = 0 }
        try await TestGateway.with(scripted: [backend], configure: settings) { server in
            for _ in 0..<5 {
                let answer = try await server.send(chat: chat(#","user":"fail""#))
                #expect(answer.status == 502, "\(answer.text)")
            }
            #expect(try await server.send(chat: chat()).status == 503)
            #expect(backend.requests.count == 5)
            server.clock.advance(nanoseconds: 60_000_000_000)
            async let response = server.respond(
                "/v1/chat/completions", chat(#","stream":true,"user":"trial""#))
            try await backend.hasHeard(6)
            #expect(try await server.send(chat: chat()).status == 503, "one is tried at a time")
            #expect(backend.requests.count == 6)
            try await backend.say(
                ScriptedBackend.streamHead + ScriptedBackend.event(ScriptedBackend.piece("A")),
                to: 5)
            var stream = OpenAnswer(try await response)
            #expect(stream.status == 200)
            #expect(try await stream.read(until: #""content":"A""#))
            for _ in 0..<3 {
                let other = try await server.send(chat: chat())
                #expect(other.status == 200, "\(other.text)")
            }
            let ending = ScriptedBackend.ending(7, 1).map { ScriptedBackend.event($0) }.joined()
            try await backend.say(
                ending + ScriptedBackend.done + ScriptedBackend.streamEnd, to: 5)
            #expect(try await stream.rest().hasSuffix("data: [DONE]\n\n"))
            #expect(try await server.send(chat: chat()).status == 200)
        }
    }

    @Test("answers beyond their cap are cut, and the backend stays in use")
    func overruns() async throws {
        let settings: TestGateway.Configure = { $0.retries = 0 }
        try await TestGateway.with(
            limits: TestGateway.wide, configure: settings
        ) { server in
            for _ in 0..<8 {
                let answer = try await server.send(
                    chat: chat(#","stream":true,"max_tokens":20,"mock":{"fail":"endless"}"#))
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text.contains("more than was asked for"))
                try await server.settle()
                let end = try #require(try server.story(answer).attempts.first?.end)
                #expect(end.outcome == "overrun")
                #expect(end.tokens.isEstimated)
            }
            #expect(try await server.send(chat: chat()).status == 200)
        }
    }

    @Test("requests that take all the time they may are cut, and the backend stays in use")
    func outOfTime() async throws {
        var slow = MockSettings()
        slow.tokensPerSecond = 1_000
        slow.tickMilliseconds = 1
        let settings: TestGateway.Configure = {
            $0.retries = 0
            $0.totalTimeoutMilliseconds = 2_000
        }
        try await TestGateway.with(
            limits: TestGateway.wide, backends: [slow],
            configure: settings
        ) { server in
            // Once the tenant is known, nothing is waited for before the backend is asked.
            _ = try await server.send(chat: chat(#","max_tokens":1"#))
            let answers = try await withThrowingTaskGroup(of: TestAnswer.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await server.send(
                            chat: chat(#","stream":true,"mock":{"fail":"endless"}"#))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for answer in answers {
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text.contains("backend_timeout"))
            }
            let last = try await server.send(chat: chat(#","max_tokens":1"#))
            #expect(last.status == 200, "\(last.text)")
        }
    }

    @Test("a connection that was closed while it lay idle is replaced, under the same hold")
    func stale() async throws {
        let backend = try await ScriptedBackend { request in
            // It closes just when the connection is used again.
            request.numberOnConnection > 0 ? .close : .say(Self.answer)
        }
        let settings: TestGateway.Configure = {
            $0.retries = 0
            $0.models[0].backends[0].maximumConcurrent = 1
        }
        try await TestGateway.with(
            scripted: [backend],
            configure: settings
        ) { server in
            // One that lies idle for long is closed, and no request finds it: there may be some.
            var (count, stale) = (0, 0)
            while stale < 3, count < 100 {
                let answer = try await server.send(chat: chat())
                #expect(answer.status == 200, "\(answer.text)")
                try await server.settle()
                count += 1
                stale = backend.requests.count { $0.numberOnConnection > 0 }
                // Those were sent twice.
                #expect(backend.requests.count == count + stale)
                let story = try server.story(answer)
                #expect(story.attempts.count == 1)
                #expect(story.attempts.first?.end?.failure == nil)
                #expect(story.outcome == "completed")
                #expect(try await server.used(Meter.apiCalls.id) == (Int64(count), 0))
                #expect(try await server.used(Meter.aiTokens.id) == (Int64(count * 11), 0))
            }
            #expect(stale == 3)
        }
    }

    @Test("an answer that its connection does not end is ended soon after its [DONE]")
    func neverEnds() async throws {
        let backend = try await ScriptedBackend { _ in
            let events = [ScriptedBackend.piece("A")] + ScriptedBackend.ending(7, 1)
            return .say(
                ScriptedBackend.streamHead + events.map { ScriptedBackend.event($0) }.joined()
                    + ScriptedBackend.done)
        }
        // Without that it would take longer than the test may.
        let patient: TestGateway.Configure = {
            $0.idleTimeoutMilliseconds = 3_600_000
            $0.totalTimeoutMilliseconds = 3_600_000
        }
        try await TestGateway.with(scripted: [backend], configure: patient) { server in
            let answer = try await server.send(chat: chat(#","stream":true"#))
            #expect(answer.status == 200)
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            #expect(!answer.text.contains("error"))
            try await server.settle()
            let story = try server.story(answer)
            #expect(story.outcome == "completed")
            #expect(story.attempts.first?.end?.failure == nil)
            #expect(story.attempts.first?.end?.tokens.isEstimated == false)
            #expect(try await server.used(Meter.aiTokens.id) == (8, 0))
        }
    }
}
