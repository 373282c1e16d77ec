import QuotaEngine
import QuotaLedger
import QuotaModel

// Answers are kept for a time, and up to a number.
extension LedgerCheck {
    static let forgetting = [
        LedgerCheck("answers are forgotten by their time, and else by their number", forgets),
        LedgerCheck("a later answer to the same request takes the place of the first", replaces),
    ]

    private static let acme = TenantID(trusted: "acme")

    private static func id(_ number: Int) -> IdempotencyID {
        IdempotencyID(tenant: acme, key: ExactString("k\(number)"))
    }

    private static func answer(_ number: Int, at instant: Timestamp) -> IdempotencyRecord {
        IdempotencyRecord(
            id: id(number), fingerprint: [UInt8(number)],
            answer: StoredAnswer(status: 200, headers: [:], body: [UInt8(number)]),
            createdAt: instant)
    }

    /// The numbers of the answers that are kept.
    private static func kept(_ scenario: Scenario) async throws -> [Int] {
        var found: [Int] = []
        for number in 0..<20 {
            if try await scenario.ledger.answer(id(number)) != nil { found.append(number) }
        }
        return found
    }

    private static func sweep(
        _ scenario: Scenario,
        before: Timestamp = .distantPast,
        keeping: Int
    ) async throws -> Bool {
        try await scenario.ledger
            .sweep(SweepCommand(forgetAnswersBefore: before, maximumAnswers: keeping))
            .isComplete
    }

    private static func forgets(_ first: Scenario) async throws {
        var scenario = first
        var node = try await LeasingNode(scenario)
        let start = scenario.clock.now
        func at(_ seconds: Int64) -> Timestamp {
            start.adding(nanoseconds: seconds * 1_000_000_000)
        }
        // The clocks of nodes differ: the last part has the oldest answers.
        for (numbers, second) in [(0..<4, 30), (4..<8, 20), (8..<12, 10)] as [(Range<Int>, Int64)] {
            try await node.fold(
                scenario,
                node.nextPart(answers: numbers.map { answer($0, at: at(second + Int64($0))) }))
        }
        try await scenario.reopen()
        try expectEqual(try await sweep(scenario, keeping: 12), true, "nothing is to be forgotten")
        try expectEqual(try await kept(scenario), Array(0..<12), "all are kept")
        try expectEqual(try await sweep(scenario, before: at(25), keeping: 12), false, "it forgets")
        try expectEqual(
            try await kept(scenario), [0, 1, 2, 3, 5, 6, 7], "those of after that time")
        try expectEqual(try await sweep(scenario, keeping: 3), false, "it forgets")
        try expectEqual(try await kept(scenario), [5, 6, 7], "the last ones, as they were kept")
        try expectEqual(try await sweep(scenario, keeping: 3), true, "then all is done")
        try await scenario.reopen()
        try await node.fold(scenario, node.nextPart(answers: [answer(15, at: at(0))]))
        try expectEqual(try await sweep(scenario, keeping: 3), false, "it forgets the first")
        try expectEqual(try await kept(scenario), [6, 7, 15], "though the new one is older")
        try expectEqual(
            try await sweep(scenario, before: .distantFuture, keeping: 3), false, "it forgets all")
        try expectEqual(try await kept(scenario), [], "nothing is kept")
    }

    private static func replaces(_ first: Scenario) async throws {
        var scenario = first
        var node = try await LeasingNode(scenario)
        let now = scenario.clock.now
        try await node.fold(
            scenario, node.nextPart(answers: [answer(1, at: now), answer(2, at: now)]))
        let changed = IdempotencyRecord(
            id: id(1), fingerprint: [9],
            answer: StoredAnswer(status: 201, headers: ["a": "b"], body: [9]), createdAt: now)
        try await node.fold(scenario, node.nextPart(answers: [changed]))
        try await scenario.reopen()
        try expectEqual(try await scenario.ledger.answer(id(1)), changed, "the answer")
        _ = try await sweep(scenario, keeping: 1)
        try expectEqual(try await kept(scenario), [1], "it counts as the newest")
    }
}
