import QuotaEngine
import QuotaLedger
import QuotaModel

// What administrators add to use and take back.
extension LedgerCheck {
    static let adjustments = [
        LedgerCheck("an adjustment counts in every current period of its meter", adjusts),
        LedgerCheck("a credit takes from a short window what was used in it", clampsCredit),
        LedgerCheck("more than was used in the longest window is not taken back", refusesCredit),
        LedgerCheck("an adjustment is booked once under its id", adjustsOnce),
        LedgerCheck("ids of adjustments are equal byte by byte", adjustsByBytes),
        LedgerCheck("of many that adjust under one id exactly one does", manyAdjust),
        LedgerCheck("an adjustment shows in the sums, not as a posting", sumsAdjustments),
        LedgerCheck("adjustments run out of range whole", adjustmentsEnd),
    ]

    private static func subject(_ name: String = "acme") -> Subject {
        Subject(
            name, .tokens(100, per: .day), .tokens(1_000, per: .month),
            .tokens(10, per: .minute), .calls(10, per: .month),
            .tokens(50, per: .day, scope: .model(ModelName(trusted: "m"))))
    }

    private static func posted(_ scenario: Scenario, _ subject: Subject) async throws -> [Int64] {
        try await scenario.accounts(subject).map(\.posted)
    }

    /// The budgets that all use of tokens counts in.
    private static func ofTenant(_ subject: Subject) -> Subject {
        var subject = subject
        subject.limits = Array(subject.limits[0...1])
        return subject
    }

    private static func adjusts(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = subject()
        let tenant = ofTenant(subject)
        let answer = try await scenario.adjust(tenant, 30, id: "a_1")
        guard case .done(let states, let at, isNew: true) = answer else {
            throw ConformanceFailure(
                promise: "an adjustment is booked", seen: "\(answer)", line: #line)
        }
        try expectEqual(at, scenario.clock.now, "when it was booked")
        try expectEqual(
            states, try await scenario.view(tenant).states, "the balances it answers")
        try expectEqual(try await posted(scenario, subject), [30, 30, 0, 0], "more")
        try await scenario.adjust(tenant, -10, id: "a_2")
        try await scenario.reopen()
        try expectEqual(try await posted(scenario, subject), [20, 20, 0, 0], "less")
        try await scenario.adjust(tenant, 90, id: "a_3")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 110, available: -10),
            "beyond the limit too")
        try expect(try await scenario.consume(subject, 1) == false, "then nothing is granted")
        try await scenario.expectSound()
    }

    private static func clampsCredit(_ scenario: Scenario) async throws {
        let subject = ofTenant(subject())
        try await scenario.consume(subject, 50)
        scenario.clock.advance(by: .seconds(86_400))
        try await scenario.consume(subject, 10)
        try await scenario.adjust(subject, -30, id: "a_1")
        try expectEqual(try await posted(scenario, subject), [0, 30], "day and month")
        scenario.clock.advance(by: .seconds(86_400))
        try await scenario.adjust(subject, -30, id: "a_2")
        try expectEqual(try await posted(scenario, subject), [0, 0], "a new day has none of it")
        try await scenario.expectSound()
    }

    private static func refusesCredit(_ scenario: Scenario) async throws {
        let subject = ofTenant(subject())
        try await scenario.consume(subject, 40)
        // What is held is not used yet.
        _ = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        let before = try await scenario.allBatches()
        for amount in [-41, -Amount.maximum] {
            try expectEqual(
                try await scenario.adjust(subject, amount, id: "a_1"), .tooMuch(most: 40),
                "the answer to \(amount)")
        }
        try expectEqual(try await scenario.allBatches(), before, "the entries stay")
        try expectEqual(try await scenario.events(subject).count, 1, "the events stay")
        try await scenario.adjust(subject, -40, id: "a_1")
        try expectEqual(try await posted(scenario, subject), [0, 0], "the id is still free")
        try await scenario.consume(subject, 7)
        scenario.clock.advance(by: .seconds(1))
        try await scenario.reset(subject, limit: 1)
        try expectEqual(
            try await scenario.adjust(subject, -7, id: "a_2"), .tooMuch(most: 0),
            "a day has no more than its month")
        try await scenario.expectSound()
    }

    private static func adjustsOnce(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = ofTenant(subject())
        let start = scenario.clock.now
        for round in 0..<3 {
            let answer = try await scenario.adjust(subject, 30, id: "a_1")
            guard case .done(let states, let at, let isNew) = answer else {
                throw ConformanceFailure(
                    promise: "the same again is answered", seen: "\(answer)", line: #line)
            }
            try expectEqual(isNew, round == 0, "whether it is new")
            try expectEqual(at, start, "when it was booked")
            try expectEqual(states, try await scenario.view(subject).states, "the balances")
            try expectEqual(
                try await scenario.adjust(subject, 31, id: "a_1"), .idReused, "another amount")
            try expectEqual(
                try await scenario.adjust(subject, 30, of: Subject.calls, id: "a_1"), .idReused,
                "another meter")
            try await scenario.reopen()
            scenario.clock.advance(by: .seconds(1))
        }
        let twice = [LedgerCommand](
            repeating: .adjust(scenario.adjustment(subject, 5, id: "a_2")), count: 2)
        _ = try await scenario.ledger.commit(twice)
        try expectEqual(try await posted(scenario, subject), [35, 35], "booked once each")
        let other = ofTenant(Self.subject("other"))
        guard case .done(_, _, isNew: true) = try await scenario.adjust(other, 30, id: "a_1") else {
            throw ConformanceFailure(
                promise: "another tenant's id is not this one's", seen: "not new", line: #line)
        }
        try await scenario.expectSound()
    }

    private static let alike = ["a_e\u{301}", "a_\u{E9}", "a_\u{212B}", "a_\u{C5}", "a_A\u{30A}"]

    private static func adjustsByBytes(_ scenario: Scenario) async throws {
        for isOneBatch in [true, false] {
            let subject = ofTenant(subject("\(isOneBatch)"))
            let commands = alike.map { id in
                LedgerCommand.adjust(scenario.adjustment(subject, 1, id: id))
            }
            if isOneBatch {
                _ = try await scenario.ledger.commit(commands)
            } else {
                for command in commands { _ = try await scenario.run(command) }
            }
            try expectEqual(
                try await posted(scenario, subject), [5, 5], "all (one batch: \(isOneBatch))")
            try expectEqual(
                try await scenario.events(subject).map { Array($0.id.utf8) },
                alike.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) },
                "the events by the bytes of their ids (one batch: \(isOneBatch))")
        }
        try await scenario.expectSound()
    }

    private static func manyAdjust(_ scenario: Scenario) async throws {
        let subject = ofTenant(subject())
        let new = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let answer = try await scenario.adjust(subject, 7, id: "a_1")
                    if case .done(_, _, isNew: true) = answer { return 1 }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        try expectEqual(new, 1, "of 16")
        try expectEqual(try await posted(scenario, subject), [7, 7], "booked once")
    }

    private static func sumsAdjustments(_ scenario: Scenario) async throws {
        var subject = ofTenant(subject())
        subject.metadata = "{\"why\":\"refund\"}"
        try await scenario.consume(subject, 50)
        try await scenario.adjust(subject, -20, id: "a_1")
        try await scenario.adjust(subject, 7, id: "a_2")
        let hours = try await scenario.ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(hours.values.reduce(0) { $0 + $1.units }, 37, "units by the hour")
        try expectEqual(hours.values.reduce(0) { $0 + $1.postings }, 1, "postings by the hour")
        let day = try await scenario.ledger.usage(
            of: Subject.tokens, on: scenario.clock.now.date, page: UsagePage(limit: 9))
        try expectEqual(day.map(\.units), [37], "units of the day")
        let days = try await scenario.ledger.days(
            of: .service, tenant: subject.tenant, from: scenario.clock.now.date,
            through: scenario.clock.now.date)
        try expectEqual(days.map(\.requestCount), [1], "it is no request")
        let events = try await scenario.events(subject).filter { $0.id.hasPrefix("a_") }
        try expectEqual(events.map(\.units), [-20, 7], "an event each")
        try expectEqual(events.map(\.metadata), [subject.metadata, subject.metadata], "and why")
    }

    private static func adjustmentsEnd(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .day), .tokens(nil, per: .month))
        let commands = (0..<1_030)
            .map { index in
                LedgerCommand.adjust(
                    scenario.adjustment(subject, Amount.maximum, id: "a_\(index)"))
            }
        var booked: Int64 = 0
        for answer in try await scenario.ledger.commit(commands) {
            switch answer {
            case .adjusted(.done): booked += 1
            case .adjusted(.outOfRange): break
            default: try expect(false, "an adjustment", saw: "\(answer)")
            }
        }
        try expectEqual(booked, 1_024, "what fits into the range")
        try expectEqual(
            try await posted(scenario, subject),
            [1_024 * Amount.maximum, 1_024 * Amount.maximum], "posted")
        try expectEqual(try await scenario.events(subject).count, 1_024, "events")
        try await scenario.expectSound()
    }
}
