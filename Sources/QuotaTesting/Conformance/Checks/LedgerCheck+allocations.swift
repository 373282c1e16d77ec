import QuotaEngine
import QuotaLedger
import QuotaModel

// Seats, projects, storage: units that are held until they are released.
extension LedgerCheck {
    static let allocations = [
        LedgerCheck("an allocation is taken, released and set", takesAndReleases),
        LedgerCheck("an allocation over its limit takes nothing", refusesAllocation),
        LedgerCheck("less than nothing is not held", neverBelowZero),
        LedgerCheck("of a lowered allocation units are released but not taken", lowered),
        LedgerCheck("an allocation without enforcement books what is beyond", shadowAllocation),
        LedgerCheck("an allocation's key answers again and allocates once", keyedAllocation),
        LedgerCheck("of many allocations at once exactly the limit is held", manyAllocations),
        LedgerCheck("an allocation without a bound runs out of range", allocationEnds),
    ]

    private static func seats(_ quantity: Int64?, revision: Int64 = 1) -> Subject {
        Subject("acme", .seats(quantity), revision: revision)
    }

    private static func takesAndReleases(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = seats(5)
        let steps: [(change: AllocateCommand.Change, delta: Int64, held: Int64)] = [
            (.delta(3), 3, 3), (.set(5), 2, 5), (.set(5), 0, 5), (.delta(0), 0, 5),
            (.set(1), -4, 1), (.start(4), 0, 1), (.delta(-1), -1, 0), (.set(0), 0, 0),
            (.start(2), 2, 2), (.start(2), 0, 2),
        ]
        for step in steps {
            try expectEqual(
                try await scenario.allocate(subject, step.change), step.delta,
                "the change by \(step.change)")
            try expectEqual(
                try await scenario.balances(subject),
                Balances(posted: step.held, available: 5 - step.held), "after \(step.change)")
            scenario.clock.advance(by: .seconds(86_400))
            try await scenario.sweep()
        }
        try await scenario.reopen()
        try expectEqual(try await scenario.balances(subject).posted, 2, "held over months")
        let units = try await scenario.ledger.events(EventPage(tenant: subject.tenant, limit: 100))
            .reversed().map(\.units)
        try expectEqual(units, [3, 2, -4, -1, 2], "an event for each change, none for no change")
        try await scenario.expectSound()
    }

    private static func refusesAllocation(_ scenario: Scenario) async throws {
        let subject = seats(5)
        try await scenario.allocate(subject, .set(4))
        let before = try await scenario.allBatches()
        let answer = try await scenario.allocate(scenario.allocation(subject, .delta(2)))
        guard case .decided(let outcome, delta: 2, stored: nil) = answer else {
            throw ConformanceFailure(promise: "a decision", seen: "\(answer)", line: #line)
        }
        try expect(!outcome.isAdmitted, "what is not there is refused")
        try expectEqual(outcome.violations.map(\.available), [1], "what could be taken")
        try expectEqual(outcome.violations.map(\.shortage), [1], "what is missing")
        try expectEqual(
            outcome.violations.map(\.retryAfterNanoseconds), [nil], "waiting does not help")
        try expect(try await scenario.allocate(subject, .set(6)) == nil, "set is bound too")
        try expectEqual(try await scenario.allBatches(), before, "the entries after refusals")
        try expectEqual(try await scenario.events(subject).count, 1, "events")
        try expectEqual(try await scenario.allocate(subject, .delta(1)), 1, "the last one is there")
    }

    private static func neverBelowZero(_ scenario: Scenario) async throws {
        let subject = seats(nil)
        for held in [0, 3] as [Int64] {
            try await scenario.allocate(subject, .set(held))
            for delta in [-held - 1, -Amount.maximum] {
                try expectEqual(
                    try await scenario.allocate(scenario.allocation(subject, .delta(delta))),
                    .belowZero(held: held), "the answer to \(delta)")
            }
            try expectEqual(try await scenario.balances(subject).posted, held, "held as before")
        }
        try expectEqual(try await scenario.events(subject).map(\.units), [3], "the events")
        try await scenario.expectSound()
    }

    private static func lowered(_ scenario: Scenario) async throws {
        try await scenario.allocate(seats(5), .set(5))
        let subject = seats(3, revision: 2)
        try expect(try await scenario.allocate(subject, .delta(1)) == nil, "none is taken")
        try expect(try await scenario.allocate(subject, .set(6)) == nil, "none is set")
        try expectEqual(try await scenario.allocate(subject, .delta(-1)), -1, "one is released")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 4, available: -1),
            "nothing was clawed back")
        try expect(try await scenario.allocate(subject, .delta(1)) == nil, "and none taken again")
        try expectEqual(try await scenario.allocate(subject, .set(2)), -2, "two are released")
        try expectEqual(try await scenario.allocate(subject, .delta(1)), 1, "then one is there")
        try await scenario.expectSound()
    }

    private static func shadowAllocation(_ scenario: Scenario) async throws {
        let shadow = Subject("shadow", .seats(2, mode: .shadow))
        try expectEqual(try await scenario.allocate(shadow, .delta(5)), 5, "a shadow limit gives")
        let off = Subject("off", .seats(2))
        let answer = try await scenario.allocate(
            scenario.allocation(off, .delta(5), isEnforced: false))
        guard case .decided(let outcome, delta: 5, _) = answer, outcome.isAdmitted else {
            throw ConformanceFailure(
                promise: "nothing refuses when nothing is enforced", seen: "\(answer)", line: #line)
        }
        try expectEqual(outcome.violations.map(\.shortage), [3], "it says what would refuse")
        for subject in [shadow, off] {
            try expectEqual(
                try await scenario.balances(subject), Balances(posted: 5, available: -3),
                "the balances of \(subject.tenant)")
            try expectEqual(
                try await scenario.events(subject).map(\.overage), [3], "what is beyond")
        }
        try await scenario.expectSound()
    }

    private static func claim(_ key: String, _ fingerprint: UInt8) -> IdempotencyClaim {
        IdempotencyClaim(
            key: ExactString(key), fingerprint: [fingerprint], windowNanoseconds: 1_000_000_000
        ) { outcome in
            StoredAnswer(status: 200, headers: [:], body: Array("\(outcome.isAdmitted)".utf8))
        }
    }

    private static func keyedAllocation(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = seats(5)
        func allocate(
            _ change: AllocateCommand.Change,
            _ key: String,
            _ fingerprint: UInt8 = 1
        ) async throws -> AllocateAnswer {
            try await scenario.allocate(
                scenario.allocation(subject, change, claim: claim(key, fingerprint)))
        }
        // Neither a refusal nor what can't be is kept under the key.
        guard case .decided(_, _, stored: nil) = try await allocate(.delta(6), "k"),
            case .belowZero = try await allocate(.delta(-1), "k"),
            case .decided(_, delta: 2, let stored?) = try await allocate(.delta(2), "k")
        else {
            throw ConformanceFailure(
                promise: "a key is kept with what it did", seen: "not", line: #line)
        }
        for _ in 0..<3 {
            try expectEqual(try await allocate(.delta(2), "k"), .replayed(stored), "again")
            try expectEqual(
                try await allocate(.delta(1), "k", 2), .idempotencyKeyReused, "something else")
            try await scenario.reopen()
        }
        try expectEqual(
            try await scenario.ledger.admit(
                scenario.command(subject, [:], claim: claim("k", 3))),
            .idempotencyKeyReused, "requests and allocations share their keys")
        try expectEqual(try await scenario.balances(subject).posted, 2, "allocated once")
        try expectEqual(
            try await scenario.events(subject).map(\.idempotencyKey?.text), ["k"], "its event")
    }

    private static func manyAllocations(_ scenario: Scenario) async throws {
        let subject = seats(50)
        let taken = try await withThrowingTaskGroup(of: Int64.self) { group in
            for task in 0..<32 {
                group.addTask {
                    var taken: Int64 = 0
                    for round in 0..<8 {
                        let delta: Int64 = (task + round) % 4 == 3 && taken > 0 ? -1 : 1
                        taken += try await scenario.allocate(subject, .delta(delta)) ?? 0
                    }
                    return taken
                }
            }
            return try await group.reduce(0, +)
        }
        try expect(taken <= 50, "no more than the limit is held", saw: "\(taken)")
        try expectEqual(try await scenario.balances(subject).posted, taken, "what was given")
        for _ in taken..<50 { try await scenario.allocate(subject, .delta(1)) }
        try expect(try await scenario.allocate(subject, .delta(1)) == nil, "then all is held")
        try expectEqual(
            try await scenario.events(subject).reduce(0) { $0 + $1.units }, 50,
            "the events add up to what is held")
        try await scenario.expectSound()
    }

    private static func allocationEnds(_ scenario: Scenario) async throws {
        let subject = seats(nil)
        let commands = (0..<1_030)
            .map { _ in
                LedgerCommand.allocate(scenario.allocation(subject, .delta(Amount.maximum)))
            }
        var given: Int64 = 0
        for answer in try await scenario.ledger.commit(commands) {
            switch answer {
            case .allocated(.decided(let outcome, let delta, _)):
                try expect(outcome.isAdmitted, "what has no bound is not refused")
                given += delta
            case .allocated(.outOfRange): break
            default: try expect(false, "a decision", saw: "\(answer)")
            }
        }
        try expectEqual(given, 1_024 * Amount.maximum, "what fits into the range")
        try expectEqual(try await scenario.balances(subject).posted, given, "is held")
        try expectEqual(
            try await scenario.allocate(subject, .set(1)), 1 - given, "and can be released")
        try await scenario.expectSound()
    }
}
