import Testing

@testable import MockBackend

@Suite("What is decided about requests")
struct PlannerTests {
    @Test("A request's cap ends an answer with length, and the answer itself with stop")
    func lengths() throws {
        let free = try plan(chat())
        #expect(free.length == 64)
        #expect(!free.isCapped)
        let capped = try plan(chat(#","max_tokens":3"#))
        #expect(capped.length == 3)
        #expect(capped.isCapped)
        let newer = try plan(chat(#","max_tokens":3,"max_completion_tokens":5"#))
        #expect(newer.length == 5)
        let roomy = try plan(chat(#","max_tokens":3000000000000"#))
        #expect(roomy.length == 64)
        #expect(!roomy.isCapped)
        let asked = try plan(chat(#","mock":{"tokens":1000}"#))
        #expect(asked.length == 1_000)
        let wide = try plan(chat(#","n":128,"mock":{"tokens":4000000}"#))
        #expect(wide.tokens <= MockSettings.maximumTokens)
    }

    @Test("Lengths are spread evenly, and the same for the same seed")
    func spread() throws {
        let spread = settings {
            $0.outputTokens = 100
            $0.outputTokensSpread = 20
        }
        let request = try chat()
        let lengths = try (0..<2_000).map { try plan(request, spread, number: $0).length }
        #expect(lengths.allSatisfy { (80...120).contains($0) })
        #expect(Set(lengths).count == 41)
        #expect(lengths == (try (0..<2_000).map { try plan(request, spread, number: $0).length }))
        let other = settings {
            $0.outputTokens = 100
            $0.outputTokensSpread = 20
            $0.seed = 2
        }
        #expect(lengths != (try (0..<2_000).map { try plan(request, other, number: $0).length }))
    }

    @Test("Each fault comes as often as its rate says, and no other")
    func rates() throws {
        let faulty = settings {
            $0.faults.fail = 5
            $0.faults.cut = 10
            $0.faults.stall = 2
            $0.faults.errorInStream = 3
            $0.faults.garbage = 4
            $0.faults.wrongUsage = 6
            $0.faults.reset = 1
            $0.failStatus = 502
        }
        let planner = MockPlanner(faulty)
        let request = try chat(#","stream":true"#)
        var counts: [String: Int] = [:]
        for number in 0..<UInt64(20_000) {
            let kind: String
            switch planner.decide(request, number: number, running: 0) {
            case .refuse(let refusal):
                #expect(refusal.status == 502)
                kind = "fail"
            case .reset: kind = "reset"
            case .answer(let plan):
                switch plan.fault {
                case .none: kind = plan.usage?.completionTokens == 64 ? "none" : "wrong"
                case .cut(let after):
                    #expect((0..<64).contains(after))
                    kind = "cut"
                case .errorInStream: kind = "error"
                case .stall: kind = "stall"
                case .garbage: kind = "garbage"
                case .endless: kind = "endless"
                }
            }
            counts[kind, default: 0] += 1
        }
        let expected = [
            "fail": 5.0, "cut": 10, "stall": 2, "error": 3, "garbage": 4, "wrong": 6, "reset": 1,
            "none": 69,
        ]
        #expect(Set(counts.keys) == Set(expected.keys))
        for (kind, percent) in expected {
            let share = Double(counts[kind] ?? 0) / 200
            #expect(abs(share - percent) < 0.2 * percent + 0.1, "\(kind): \(share)")
        }
    }

    @Test("What a request asks for wins over what is drawn")
    func directives() throws {
        let failing = settings { $0.faults.fail = 100 }
        #expect(try plan(chat(#","mock":{"fail":"none"}"#), failing).fault == .none)
        let stalled = try plan(chat(#","mock":{"fail":"stall"}"#), failing)
        #expect(stalled.fault == .stall)
        let planner = MockPlanner(MockSettings())
        let refused = planner.decide(
            try chat(#","mock":{"fail":"429"}"#), number: 0, running: 0)
        guard case .refuse(let refusal) = refused else { throw Unexpected("\(refused)") }
        #expect(refusal.status == 429)
        #expect(refusal.retryAfterSeconds == 1)
        let reset = try chat(#","mock":{"fail":"reset"}"#)
        #expect(planner.decide(reset, number: 0, running: 0) == .reset)
    }

    @Test("An error can come in a stream only; a whole answer has a status")
    func errorsInStreams() throws {
        let stream = try plan(chat(#","stream":true,"mock":{"fail":"error:7"}"#))
        #expect(stream.fault == .errorInStream(after: 7))
        let whole = MockPlanner(MockSettings())
            .decide(try chat(#","mock":{"fail":"error:7"}"#), number: 0, running: 0)
        guard case .refuse(let refusal) = whole else { throw Unexpected("\(whole)") }
        #expect(refusal.status == 500)
    }

    @Test("More requests than it works on get 503, and unknown models 404")
    func capacity() throws {
        let planner = MockPlanner(settings { $0.maximumConcurrent = 2 })
        guard case .answer = planner.decide(try chat(), number: 0, running: 1) else {
            throw Unexpected("one is running")
        }
        let full = planner.decide(try chat(), number: 0, running: 2)
        #expect(full == .refuse(.overloaded))
        #expect(MockRefusal.overloaded.retryAfterSeconds != nil)
        let other = try request(#"{"model":"other","messages":[{}]}"#)
        #expect(planner.decide(other, number: 0, running: 0) == .refuse(.unknownModel("other")))
    }

    @Test("Usage has the prompt, the tokens of all choices, and the shares that are set")
    func usage() throws {
        let shares = settings {
            $0.cachedPercent = 50
            $0.reasoningPercent = 25
        }
        let members = #","n":3,"max_tokens":8"#
        let usage = try #require(try plan(chat(members), shares).usage)
        #expect(usage.promptTokens == 2)
        #expect(usage.cachedTokens == 1)
        #expect(usage.completionTokens == 24)
        #expect(usage.reasoningTokens == 6)
        #expect(try plan(chat(), settings { $0.givesUsage = false }).usage == nil)
        let triton = try request(#"{"text_input":"a"}"#, .tritonGenerate, model: "mock")
        #expect(try plan(triton).usage == nil)
        let embedding = try request(#"{"model":"mock","input":"12345"}"#, .embedding)
        #expect(try plan(embedding).usage?.completionTokens == 0)
        #expect(try plan(embedding).tokens == 0)
    }

    @Test("Delays add up: the first token, and the prompt")
    func delays() throws {
        let slow = settings {
            $0.firstTokenMilliseconds = 30
            $0.promptTokensPerSecond = 100
        }
        #expect(try plan(chat(), slow).firstTokenNanoseconds == 50_000_000)
        #expect(TokenPace.nanoseconds(of: .max, perSecond: 1e-300) == 86_400_000_000_000)
    }

    @Test("Settings that make no sense are named")
    func problems() {
        #expect(MockSettings().problem == nil)
        let wrong: [(String, MockSettings)] = [
            ("output-tokens", settings { $0.outputTokens = 0 }),
            ("tokens-per-second", settings { $0.tokensPerSecond = .nan }),
            ("prompt-tokens-per-second", settings { $0.promptTokensPerSecond = -1 }),
            ("cut-percent", settings { $0.faults.cut = .infinity }),
            ("models", settings { $0.models = [] }),
            ("max-concurrent", settings { $0.maximumConcurrent = -1 }),
            (
                "100",
                settings {
                    $0.faults.cut = 60
                    $0.faults.fail = 60
                }
            ),
        ]
        for (name, settings) in wrong {
            #expect(settings.problem?.contains(name) == true, "\(name)")
        }
    }
}
