import QuotaEngine
import QuotaLedger
import QuotaModel

// Requests that arrive more than once.
extension LedgerCheck {
    static let idempotency = [
        LedgerCheck("a key answers again with the same bytes and charges once", replays),
        LedgerCheck("a key for something else is refused", otherFingerprint),
        LedgerCheck("keys of two tenants are independent", keysAreApart),
        LedgerCheck("a key is free again after its window", windowPasses),
        LedgerCheck("refusals are not kept", refusalsAreNotKept),
        LedgerCheck("keys are equal byte by byte", keysAreExact),
        LedgerCheck("a keyed hold answers again with its reservation", keyedHold),
        LedgerCheck("the newest answers are kept and the oldest forgotten", forgetsAnswers),
    ]

    private static let hour: Int64 = 3_600_000_000_000

    private static func claim(
        _ key: String,
        _ fingerprint: UInt8,
        _ body: [UInt8] = [0, 10, 13, 255]
    ) -> IdempotencyClaim {
        IdempotencyClaim(
            key: ExactString(key), fingerprint: Array(repeating: fingerprint, count: 32),
            windowNanoseconds: hour
        ) { outcome in
            StoredAnswer(
                status: outcome.reservation == nil ? 200 : 201,
                headers: ["RateLimit": "\"a\";r=1", "X-Empty": "", "X-Colon": "a: b"],
                body: body + Array("\(outcome.isAdmitted)".utf8))
        }
    }

    private static func admit(
        _ scenario: Scenario,
        _ subject: Subject,
        _ tokens: Int64,
        _ claim: IdempotencyClaim
    ) async throws -> AdmitAnswer {
        try await scenario.ledger.admit(
            scenario.command(subject, [Subject.tokens: tokens], claim: claim))
    }

    private static func replays(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(5, per: .minute))
        let first = try await admit(scenario, subject, 5, claim("order-17", 1))
        guard case .decided(let outcome, let stored?) = first, outcome.isAdmitted else {
            throw ConformanceFailure(
                promise: "a first request is decided and kept", seen: "\(first)", line: #line)
        }
        try expectEqual(stored.body, [0, 10, 13, 255] + Array("true".utf8), "the kept bytes")
        let states = try await scenario.view(subject).states
        for round in 0..<4 {
            // Looked up before any limit: the bucket is empty.
            let again = try await admit(scenario, subject, 5, claim("order-17", 1, [7]))
            try expectEqual(again, .replayed(stored), "the answer to repetition \(round)")
            try expectEqual(
                try await scenario.view(subject).states, states, "the states after it")
            try await scenario.reopen()
        }
        let event = try await scenario.events(subject)
        try expectEqual(event.map(\.idempotencyKey?.text), ["order-17"], "the event's key")
    }

    private static func otherFingerprint(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month))
        _ = try await admit(scenario, subject, 1, claim("order-17", 1))
        let answer = try await admit(scenario, subject, 1, claim("order-17", 2))
        try expectEqual(answer, .idempotencyKeyReused, "the answer to another request")
        try expectEqual(try await scenario.balances(subject).posted, 1, "charged once")
    }

    private static func keysAreApart(_ scenario: Scenario) async throws {
        for (index, name) in ["acme", "zeta"].enumerated() {
            let subject = Subject(name, .tokens(10, per: .month))
            let answer = try await admit(scenario, subject, 1, claim("order-17", UInt8(index)))
            guard case .decided(let outcome, _) = answer, outcome.isAdmitted else {
                throw ConformanceFailure(
                    promise: "another tenant's key is not this one's", seen: "\(answer)",
                    line: #line)
            }
            try expectEqual(try await scenario.balances(subject).posted, 1, "charged")
        }
    }

    private static func windowPasses(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month))
        _ = try await admit(scenario, subject, 1, claim("order-17", 1))
        scenario.clock.advance(nanoseconds: hour - 1)
        guard case .replayed = try await admit(scenario, subject, 1, claim("order-17", 1)) else {
            throw ConformanceFailure(
                promise: "an answer is kept for its window", seen: "a decision", line: #line)
        }
        scenario.clock.advance(nanoseconds: 2)
        guard case .decided = try await admit(scenario, subject, 2, claim("order-17", 2)) else {
            throw ConformanceFailure(
                promise: "after its window a key is free", seen: "a replay", line: #line)
        }
        guard case .replayed = try await admit(scenario, subject, 2, claim("order-17", 2)) else {
            throw ConformanceFailure(
                promise: "the new answer is kept", seen: "a decision", line: #line)
        }
        try expectEqual(try await scenario.balances(subject).posted, 3, "charged twice")
    }

    private static func refusalsAreNotKept(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .second))
        try await scenario.consume(subject, 10)
        let refused = try await admit(scenario, subject, 4, claim("order-17", 1))
        guard case .decided(let outcome, stored: nil) = refused, !outcome.isAdmitted else {
            throw ConformanceFailure(
                promise: "a refusal is not kept", seen: "\(refused)", line: #line)
        }
        scenario.clock.advance(by: .seconds(1))
        let answer = try await admit(scenario, subject, 4, claim("order-17", 2))
        guard case .decided(let later, _) = answer, later.isAdmitted else {
            throw ConformanceFailure(
                promise: "a refused key may be tried again", seen: "\(answer)", line: #line)
        }
    }

    private static func keysAreExact(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month))
        for key in ["e\u{301}", "\u{E9}", "E\u{301}", " ", "'; --"] {
            guard case .decided = try await admit(scenario, subject, 1, claim(key, 1)) else {
                throw ConformanceFailure(
                    promise: "\(key.debugDescription) is a key of its own", seen: "a replay",
                    line: #line)
            }
        }
        try expectEqual(try await scenario.balances(subject).posted, 5, "charged for each")
    }

    private static func keyedHold(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month))
        var bodies: [[UInt8]] = []
        for round in 0..<2 {
            let command = scenario.command(
                subject, [Subject.tokens: 6], hold: Hold(), claim: claim("order-17", 1))
            switch try await scenario.ledger.admit(command) {
            case .decided(let outcome, let stored?) where round == 0:
                bodies.append(stored.body)
                try expectEqual(
                    outcome.reservation?.idempotencyKey?.text, "order-17", "its key")
            case .replayed(let stored) where round == 1:
                bodies.append(stored.body)
                try expectEqual(stored.status, 201, "the status that was kept")
            case let other:
                throw ConformanceFailure(
                    promise: "one hold for one key", seen: "\(other)", line: #line)
            }
        }
        try expectEqual(bodies[0], bodies[1], "the bytes")
        try expectEqual(try await scenario.balances(subject).held, 6, "held once")
    }

    private static func forgetsAnswers(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(1_000, per: .month))
        let start = scenario.clock.now
        for index in 0..<10 {
            _ = try await admit(scenario, subject, 1, claim("k\(index)", 1))
            scenario.clock.advance(by: .seconds(1))
        }
        _ = try await scenario.ledger.sweep(
            SweepCommand(

                forgetAnswersBefore: start.adding(nanoseconds: 2_000_000_000),
                maximumAnswers: 1_000))
        _ = try await scenario.ledger.sweep(
            SweepCommand(
                forgetAnswersBefore: start, maximumAnswers: 5))
        var replayed: [Int] = []
        for index in (0..<10).reversed() {
            let answer = try await admit(scenario, subject, 1, claim("k\(index)", 1))
            if case .replayed = answer { replayed.append(index) }
        }
        try expectEqual(replayed, [9, 8, 7, 6, 5], "the answers that are kept")
    }
}
