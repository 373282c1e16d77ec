import QuotaModel
import QuotaTesting
import Testing
import WeirHTTP

@Suite("the log of decisions is bounded")
struct ExplanationLogTests {
    private func decision(_ id: String, allowed: Bool = false, warning: Int = 0) -> Decision {
        Decision(
            isAllowed: allowed, isEnforced: true, id: id, tenant: TenantID(trusted: "acme"),
            key: nil, plan: PlanID(trusted: "free"), asOf: Timestamp(seconds: 0), limits: [],
            warnings: warning == 0 ? [] : [String(repeating: "w", count: warning)])
    }

    private func attempt(_ id: String, allowed: Bool = true) -> ExplainedRequest.Attempt {
        ExplainedRequest.Attempt(
            decision: decision(id, allowed: allowed), begunAfter: 0, estimate: (1, 1), held: [])
    }

    private func request(_ id: String) -> ExplainedRequest {
        ExplainedRequest(
            id: "q-\(id)", endpoint: "chat.completions", model: ModelName(trusted: "small"),
            currency: nil, prices: "v", first: attempt(id))
    }

    private func end(_ outcome: String) -> ExplainedRequest.End {
        ExplainedRequest.End(
            outcome: outcome, backend: nil, failure: nil, detail: nil, isVoided: false,
            isContradictory: false,
            tokens: ExplainedRequest.Tokens(
                input: 1, cachedInput: 0, output: 1, reasoning: 0, isEstimated: false),
            extendedTokens: 0, booked: [], cost: 3, firstByteAfter: nil, endedAfter: 9)
    }

    @Test("keeps the newest, and no more than it may")
    func count() {
        var log = ExplanationLog(maximumDecisions: 3)
        for number in 0..<10 { log.add(decision("d_\(number)")) }
        #expect(log.count == 3)
        #expect(log["d_6"] == nil)
        for number in 7..<10 { #expect(log["d_\(number)"]?.decision("d_\(number)") != nil) }
    }

    @Test("keeps no more bytes than it may, however large the decisions are")
    func bytes() {
        var log = ExplanationLog(maximumDecisions: 10)
        #expect(log.maximumBytes == 10 * ExplanationLog.bytesPerDecision)
        for number in 0..<50 {
            log.add(decision("d_\(number)", warning: ExplanationLog.bytesPerDecision * 3))
            #expect(log.bytes <= log.maximumBytes)
        }
        #expect((1...3).contains(log.count))
        #expect(log["d_49"] != nil)
        log.add(decision("d_huge", warning: log.maximumBytes))
        #expect(log["d_huge"] == nil)
        #expect(log["d_49"] != nil, "what is too large by itself drives nobody out")
        for number in 50..<100 { log.add(decision("d_\(number)")) }
        #expect(log.count == 10)
        #expect(log.bytes < log.maximumBytes)
    }

    @Test("an id that is known stays what it was")
    func known() {
        var log = ExplanationLog(maximumDecisions: 4)
        log.add(request("d_1"))
        let bytes = log.bytes
        log.add(decision("d_1"))
        log.add(attempt("d_1"), toRequestOf: "d_1")
        #expect(log["d_1"]?.request?.attempts.count == 1)
        #expect((log.count, log.bytes) == (1, bytes))
    }

    @Test("with room for none it keeps none")
    func off() {
        var log = ExplanationLog(maximumDecisions: 0)
        log.add(decision("d_1"))
        log.add(request("d_2"))
        #expect(log.count == 0)
        #expect(log.bytes == 0)
    }

    @Test("all attempts of a request lead to one story, which leaves as a whole")
    func attempts() {
        var log = ExplanationLog(maximumDecisions: 4)
        log.add(request("d_1"))
        log.end("d_1", end("failed"))
        log.add(attempt("d_2"), toRequestOf: "d_1")
        log.add(attempt("d_3", allowed: false), toRequestOf: "d_2")
        log.end("d_2", end("completed"))
        for id in ["d_1", "d_2", "d_3"] {
            let story = log[id]
            #expect(story?.decision(id)?.id == id)
            #expect(story?.request?.attempts.map(\.decision.id) == ["d_1", "d_2", "d_3"])
            #expect(story?.request?.attempts.map(\.end?.outcome) == ["failed", "completed", nil])
            #expect(story?.request?.outcome == "refused")
            #expect(story?.request?.cost == 6)
        }
        log.add(decision("d_4"))
        log.add(decision("d_5"))
        for id in ["d_1", "d_2", "d_3"] { #expect(log[id] == nil) }
        #expect(log.count == 2)
        // What comes too late for its story is nowhere.
        log.add(attempt("d_6"), toRequestOf: "d_1")
        log.end("d_2", end("completed"))
        #expect(log["d_6"] == nil)
        #expect(log.count == 2)
    }

    @Test("a story that was told to its end is not changed")
    func firstEnd() {
        var log = ExplanationLog(maximumDecisions: 4)
        log.add(request("d_1"))
        #expect(log["d_1"]?.request?.outcome == "under_way")
        log.end("d_1", end("cancelled"))
        log.end("d_1", end("completed"))
        #expect(log["d_1"]?.request?.outcome == "cancelled")
    }

    @Test("finds what a naive list of stories finds, whatever happens")
    func naive() {
        let seed: UInt64 = 20_261_122
        var random = SeededRandom(seed: seed)
        var log = ExplanationLog(maximumDecisions: 20)
        var stories: [[String]] = []
        for number in 0..<5_000 {
            let id = "d_\(number)"
            switch random.next(upperBound: UInt64(3)) {
            case 0:
                log.add(decision(id))
                stories.append([id])
            case 1:
                log.add(request(id))
                stories.append([id, "request"])
            default:
                guard let index = stories.indices.randomElement(using: &random) else { continue }
                log.add(attempt(id), toRequestOf: stories[index][0])
                guard stories[index].contains("request") else { break }
                stories[index].append(id)
            }
            func kept() -> [String] { stories.flatMap { $0 }.filter { $0 != "request" } }
            while kept().count > 20 { stories.removeFirst() }
            #expect(log.count == kept().count, "seed \(seed), step \(number)")
            for id in kept() { #expect(log[id] != nil, "seed \(seed), step \(number)") }
        }
        #expect(log.bytes > 0)
    }
}
