import QuotaEngine
import QuotaLedger
import QuotaModel

// What administrators find out about grants whose holder fell silent.
extension LedgerCheck {
    static let evidence = [
        LedgerCheck("proven use is posted once and the rest comes back", provesUse),
        LedgerCheck("evidence for one limit of a meter ends the others too", provesForAllLimits),
        LedgerCheck("evidence for one meter leaves the others suspect", provesOneMeter),
        LedgerCheck("a holder's late word completes what was resolved", holderCompletes),
        LedgerCheck("a reservation that is resolved in part still expires", expiresTheRest),
        LedgerCheck("evidence after the period closed is an adjustment", provesLate),
        LedgerCheck("evidence of a day that closed counts in the open month too", provesBoth),
        LedgerCheck("evidence of more than was held is an overage", provesMore),
        LedgerCheck("only a suspect grant is resolved, and once", provesOnce),
        LedgerCheck("of many who resolve one grant exactly one does", manyResolve),
    ]

    /// Holds units and lets the time pass in which the holder should have spoken.
    private static func suspend(
        _ scenario: Scenario,
        _ subject: Subject,
        _ amounts: [MeterID: Int64]
    ) async throws -> (reservation: Reservation, grants: [GrantID]) {
        let reservation = try await scenario.reserve(subject, amounts)
        let grants = try await scenario.grants(reservation)
        scenario.clock.advance(by: .seconds(60))
        try await scenario.sweep()
        return (reservation, grants)
    }

    /// Resolves a grant, which must be possible.
    @discardableResult
    private static func resolve(
        _ scenario: Scenario,
        _ grant: GrantID,
        used: Int64,
        line: UInt = #line
    ) async throws -> Reservation {
        let answer = try await scenario.resolve(grant, used: used, line: line)
        guard case .done(let reservation) = answer else {
            throw ConformanceFailure(
                promise: "a suspect grant is resolved", seen: "\(answer)", line: line)
        }
        return reservation
    }

    /// The events of a tenant in short: meter, units.
    private static func booked(_ scenario: Scenario, _ subject: Subject) async throws -> [String] {
        try await scenario.events(subject).map { "\($0.meter) \($0.units)" }.sorted()
    }

    private static func provesUse(_ scenario: Scenario) async throws {
        var scenario = scenario
        for used in [0, 12, 30] as [Int64] {
            let subject = Subject("t\(used)", .tokens(100, per: .month))
            let (held, grants) = try await suspend(scenario, subject, [Subject.tokens: 30])
            try await scenario.reopen()
            let ended = try await resolve(scenario, grants[0], used: used)
            try expectEqual(ended.state, .settled, "the reservation's state")
            try expectEqual(
                ended.settled, [Charge(meter: Subject.tokens, amount: used)], "its use")
            try expectEqual(
                try await scenario.ledger.reservation(held.id), ended, "the reservation as kept")
            try expectEqual(
                try await scenario.balances(subject),
                Balances(posted: used, available: 100 - used), "the balances")
            try expectEqual(
                try await booked(scenario, subject), used == 0 ? [] : ["ai_tokens \(used)"],
                "the events")
            let left = try await scenario.ledger.unclosedGrants(of: subject.tenant)
            try expect(left.isEmpty, "no grant is left", saw: "\(left)")
        }
        try await scenario.expectSound()
    }

    private static func provesForAllLimits(_ scenario: Scenario) async throws {
        for index in 0..<3 {
            let subject = Subject(
                "t\(index)", .tokens(100, per: .day), .tokens(200, per: .month),
                .tokens(nil, per: .lifetime))
            let (_, grants) = try await suspend(scenario, subject, [Subject.tokens: 30])
            try expectEqual(grants.count, 3, "a grant for each limit")
            try await resolve(scenario, grants[index], used: 12)
            let accounts = try await scenario.accounts(subject)
            try expectEqual(accounts.map(\.posted), [12, 12, 12], "posted on each limit")
            try expectEqual(accounts.map(\.suspect), [0, 0, 0], "suspect on each limit")
            for grant in grants {
                try expectEqual(
                    try await scenario.resolve(grant, used: 12), .refused(.notExpired),
                    "a second word on \(grant.sequence)")
            }
            try expectEqual(try await booked(scenario, subject), ["ai_tokens 12"], "one event")
        }
        try await scenario.expectSound()
    }

    private static let both: [MeterID: Int64] = [Subject.tokens: 30, Subject.calls: 4]

    private static func bothMeters(_ name: String) -> Subject {
        var subject = Subject(
            name, .calls(10, per: .month), .tokens(100, per: .month), .tokens(100, per: .day))
        // Calls are kept as events when there is more to say of them.
        subject.metadata = "{}"
        return subject
    }

    private static func provesOneMeter(_ scenario: Scenario) async throws {
        let subject = bothMeters("acme")
        let (_, grants) = try await suspend(scenario, subject, both)
        let first = try await resolve(scenario, grants[1], used: 12)
        try expectEqual(first.state, .suspect, "a part of it is still suspect")
        try expectEqual(
            first.settled, [Charge(meter: Subject.tokens, amount: 12)], "what is settled")
        let accounts = try await scenario.accounts(subject)
        try expectEqual(accounts.map(\.posted), [0, 12, 12], "posted")
        try expectEqual(accounts.map(\.suspect), [4, 0, 0], "suspect")
        let last = try await resolve(scenario, grants[0], used: 3)
        try expectEqual(last.state, .settled, "then it is settled")
        try expectEqual(last.settled.map(\.amount), [12, 3], "in the order of what was held")
        try expectEqual(
            try await booked(scenario, subject), ["ai_tokens 12", "api_calls 3"], "the events")
        try await scenario.expectSound()
    }

    private static func holderCompletes(_ scenario: Scenario) async throws {
        var scenario = scenario
        let rows: [(event: ReservationEvent, calls: Int64)] = [
            (.settle([Charge(meter: Subject.tokens, amount: 29)]), 4),
            (.settle([Charge(meter: Subject.calls, amount: 2)]), 2), (.void, 0),
        ]
        for (index, row) in rows.enumerated() {
            let subject = bothMeters("t\(index)")
            let (held, grants) = try await suspend(scenario, subject, both)
            try await resolve(scenario, grants[1], used: 12)
            try await scenario.reopen()
            for round in 0..<2 {
                let answer = try await scenario.conclude(held, row.event)
                if case .void = row.event, round == 1 {
                    try expectEqual(answer, .refused(.alreadySettled), "a void of it")
                    continue
                }
                guard case .done(let ended) = answer else {
                    throw ConformanceFailure(
                        promise: "late word is accepted", seen: "\(answer)", line: #line)
                }
                try expectEqual(ended.state, .settled, "the state after \(row.event)")
                try expectEqual(ended.settled.map(\.amount), [12, row.calls], "what is settled")
            }
            let accounts = try await scenario.accounts(subject)
            try expectEqual(accounts.map(\.posted), [row.calls, 12, 12], "posted \(index)")
            try expectEqual(accounts.map(\.used), [row.calls, 12, 12], "nothing is held \(index)")
            let calls = row.calls == 0 ? [] : ["api_calls \(row.calls)"]
            try expectEqual(
                try await booked(scenario, subject), ["ai_tokens 12"] + calls, "events \(index)")
        }
        try await scenario.expectSound()
    }

    private static func expiresTheRest(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        var subject = Subject("acme", .calls(10, per: .month), .tokens(100, per: .day))
        subject.metadata = "{}"
        let held = try await scenario.reserve(
            subject, both, Hold(ttlSeconds: 3_600, onExpiry: .post))
        let grants = try await scenario.grants(held)
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        // The day has closed over the hold, whose own time has not passed.
        let part = try await resolve(scenario, grants[1], used: 12)
        try expectEqual(part.state, .held, "the rest is still held")
        scenario.clock.advance(by: .seconds(3_600))
        try await scenario.sweep()
        let ended = try await scenario.ledger.reservation(held.id)
        try expectEqual(ended?.state, .settled, "it ends as it was told")
        try expectEqual(ended?.settled.map(\.amount), [12, 4], "what was resolved stands")
        try expectEqual(
            try await booked(scenario, subject), ["ai_tokens 12", "api_calls 4"], "the events")
        try await scenario.expectSound()
    }

    private static func provesLate(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        let (held, grants) = try await suspend(scenario, subject, [Subject.tokens: 30])
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(suspect: 30, available: 70), "the old day")
        try await scenario.consume(subject, 1)
        let ended = try await resolve(scenario, grants[0], used: 12)
        try expectEqual(ended.state, .settled, "the state")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 13, available: 87),
            "the new day has the adjustment")
        try expectEqual(try await scenario.onlyArchive(subject), archive, "the closed day")
        let events = try await scenario.events(subject).filter { $0.id == held.id.text }
        try expectEqual(events.map(\.units), [12], "one event")
        try expectEqual(
            events.map(\.adjusts), [archive.record.period.start], "it names the old day")
        try await scenario.expectSound()
    }

    private static func provesBoth(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day), .tokens(500, per: .month))
        let held = try await scenario.reserve(subject, 30, Hold(ttlSeconds: 7_200))
        let grants = try await scenario.grants(held)
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        let ended = try await resolve(scenario, grants[1], used: 12)
        try expectEqual(ended.state, .settled, "the state, by the grant that is open")
        let accounts = try await scenario.accounts(subject)
        try expectEqual(
            accounts.map(Balances.init),
            [Balances(posted: 12, available: 88), Balances(posted: 12, available: 488)],
            "the new day and the month")
        try expectEqual(try await booked(scenario, subject), ["ai_tokens 12"], "one event")
        try await scenario.expectSound()
    }

    private static func provesMore(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month), .tokens(60, per: .hour, burst: 60))
        let (_, grants) = try await suspend(scenario, subject, [Subject.tokens: 30])
        for used in [-1, Int64.min] {
            try expectEqual(
                try await scenario.resolve(grants[0], used: used), .outOfRange, "\(used) units")
        }
        try expectEqual(
            try await scenario.balances(subject), Balances(suspect: 30, available: 70), "nothing")
        try await resolve(scenario, grants[0], used: 140)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 140, available: -40),
            "all of it is booked")
        try expectEqual(
            try await scenario.events(subject).map(\.overage), [110], "with what was not held")
        try expect(try await scenario.consume(subject, 1) == false, "the rate has a debt")
        try await scenario.expectSound()
    }

    private static func provesOnce(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let unknown = GrantID(holder: "nobody", incarnation: 1, sequence: 1)
        try expectEqual(try await scenario.resolve(unknown, used: 1), .notFound, "an unknown grant")
        let held = try await scenario.reserve(subject, 30)
        let grant = try await scenario.grants(held)[0]
        try expectEqual(
            try await scenario.resolve(grant, used: 1), .refused(.notExpired), "one that is held")
        scenario.clock.advance(by: .seconds(60))
        try await scenario.sweep()
        try await resolve(scenario, grant, used: 12)
        let batches = try await scenario.allBatches()
        for used in [12, 20, 0] as [Int64] {
            try expectEqual(
                try await scenario.resolve(grant, used: used), .refused(.notExpired), "again")
        }
        try expectEqual(try await scenario.allBatches(), batches, "the entries stay")
        let settled = try await scenario.reserve(subject, 5)
        let other = try await scenario.grants(settled)[0]
        try await scenario.settle(settled, 5)
        try expectEqual(
            try await scenario.resolve(other, used: 1), .refused(.notExpired), "one that is settled"
        )
        try await scenario.expectSound()
    }

    private static func manyResolve(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month), .tokens(100, per: .day))
        let (_, grants) = try await suspend(scenario, subject, [Subject.tokens: 30])
        let resolved = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<16 {
                group.addTask {
                    let answer = try await scenario.resolve(grants[task % 2], used: 12)
                    if case .done = answer { return 1 }
                    try expectEqual(answer, .refused(.notExpired), "the answer to the others")
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        try expectEqual(resolved, 1, "of 16")
        try expectEqual(
            try await scenario.accounts(subject).map(\.posted), [12, 12], "posted once")
        try expectEqual(try await booked(scenario, subject), ["ai_tokens 12"], "one event")
        try await scenario.expectSound()
    }
}
