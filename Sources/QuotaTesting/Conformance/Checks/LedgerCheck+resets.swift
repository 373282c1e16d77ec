import QuotaEngine
import QuotaLedger
import QuotaModel

// The end of a period by an administrator's word.
extension LedgerCheck {
    static let resets = [
        LedgerCheck("a reset closes the period now and begins one to its old end", splitsPeriod),
        LedgerCheck("what is held at a reset settles in the period it ended", settlesInOld),
        LedgerCheck("a hold that outlives a reset by its grace is late", outlivesGrace),
        LedgerCheck("periods tile over any number of resets", resetsTile),
        LedgerCheck("a reset that is repeated at once does nothing", repeatsReset),
        LedgerCheck("what was used in a period that begins this instant stays in it", tooSoon),
        LedgerCheck("a reset of what was never used opens nothing", resetsUnused),
        LedgerCheck("a reset of a period that is over ends none", resetsOver),
        LedgerCheck("a reset of a rate fills its bucket and no other", resetsRate),
        LedgerCheck("a reset of one limit leaves the others", leavesOthers),
        LedgerCheck("a reset among other commands of a batch does as it does alone", inBatch),
        LedgerCheck("a lifetime can be reset", resetsLifetime),
    ]

    private static let noon = "2026-11-21T12:00:00Z"

    private static func done(
        _ answer: ResetAnswer,
        line: UInt = #line
    ) throws -> (closed: AccountRecord, opened: AccountRecord) {
        guard case .done(let closed?, let opened?) = answer else {
            throw ConformanceFailure(
                promise: "a period ends and one begins", seen: "\(answer)", line: line)
        }
        return (closed, opened)
    }

    private static func splitsPeriod(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock(noon)
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 100)
        try expect(try await scenario.consume(subject, 1) == false, "used up")
        let old = try await scenario.ledger.accounts(of: subject.tenant)[0]
        scenario.clock.advance(by: .seconds(1))
        let (closed, opened) = try done(try await scenario.reset(subject))
        let now = scenario.clock.now
        try expectEqual(
            closed.period, Period(start: old.period.start, end: now, index: old.period.index),
            "the period that ended")
        try expectEqual(closed.account.state, .closed, "nothing is held, so it is closed")
        try expectEqual(
            Balances(closed.account), Balances(posted: 100, available: 0), "as it was")
        try expectEqual(
            opened.period, Period(start: now, end: old.period.end, index: old.period.index),
            "the period that begins")
        try expectEqual(
            Balances(opened.account), Balances(available: 100), "with all its capacity")
        for _ in 0..<2 {
            try expectEqual(
                try await scenario.ledger.accounts(of: subject.tenant), [opened], "open")
            try expectEqual(
                try await scenario.ledger.archives(of: subject.tenant, limit: 9),
                [ArchiveRecord(record: closed, closedAt: now)], "closed")
            try await scenario.reopen()
        }
        try expect(try await scenario.consume(subject, 100), "all of it can be used")
        try expect(try await scenario.consume(subject, 1) == false, "and no more")
        try await scenario.expectSound()
    }

    private static func settlesInOld(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 30)
        let first = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        let second = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        scenario.clock.advance(by: .seconds(1))
        let (closed, _) = try done(try await scenario.reset(subject))
        try expectEqual(closed.account.state, .closing, "it waits for what is held")
        try expectEqual(
            Balances(closed.account), Balances(posted: 30, held: 30, available: 40),
            "what is held stays in the old period")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "not in the new one")
        try await scenario.reopen()
        scenario.clock.advance(by: .seconds(14 * 60))
        try await scenario.sweep()
        try await scenario.settle(first, 8)
        try await scenario.conclude(second, .void)
        try await scenario.sweep()
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 38, available: 62), "the old period")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "the new period")
        try expectEqual(
            try await scenario.events(subject).map(\.adjusts), [nil, nil], "no adjustments")
        try await scenario.expectSound()
    }

    private static func outlivesGrace(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        scenario.clock.advance(by: .seconds(1))
        let (closed, _) = try done(try await scenario.reset(subject))
        scenario.clock.advance(by: .seconds(15 * 60))
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(suspect: 10, available: 90),
            "what is still held expires unbilled")
        try await scenario.settle(reservation, 8)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 8, available: 92),
            "the use is an adjustment of the new period")
        try expectEqual(
            try await scenario.events(subject).map(\.adjusts), [closed.period.start],
            "that names the old one")
        try expectEqual(try await scenario.onlyArchive(subject), archive, "the closed period")
        try await scenario.expectSound()
    }

    private static func resetsTile(_ scenario: Scenario) async throws {
        try scenario.setClock(noon)
        let subject = Subject("acme", .tokens(100, per: .month))
        var held: [Reservation] = []
        for round in 0..<5 as Range<Int64> {
            try await scenario.consume(subject, 10 + round)
            held.append(try await scenario.reserve(subject, 7, Hold(ttlSeconds: 86_400)))
            scenario.clock.advance(nanoseconds: 1)
            _ = try done(try await scenario.reset(subject))
        }
        for reservation in held { try await scenario.settle(reservation, 7) }
        try scenario.setClock("2026-12-01T00:00:00Z")
        try await scenario.consume(subject, 1)
        let periods = try await scenario.allAccounts(subject)
            .sorted { $0.period.start < $1.period.start }
        try expectEqual(periods.count, 7, "the periods of two months with five resets")
        for (earlier, later) in zip(periods, periods.dropFirst()) {
            try expectEqual(later.period.start, earlier.period.end, "no gap and no overlap")
        }
        try expectEqual(
            periods.map(\.account.posted), [17, 18, 19, 20, 21, 0, 1], "the use of each")
        try expectEqual(
            periods[5].period.end, try scenario.instant("2026-12-01T00:00:00Z"), "the old end")
        try await scenario.expectSound()
    }

    private static func repeatsReset(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 1)
        scenario.clock.advance(nanoseconds: 1)
        let (_, opened) = try done(try await scenario.reset(subject))
        let batches = try await scenario.allBatches()
        for _ in 0..<2 {
            try expectEqual(
                try await scenario.reset(subject), .done(closed: nil, opened: opened), "again")
        }
        try expectEqual(try await scenario.allBatches(), batches, "the entries stay")
        try expectEqual(
            try await scenario.allAccounts(subject).map(\.account.posted), [0, 1],
            "one period is closed")
        try await scenario.expectSound()
    }

    private static func tooSoon(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 1)
        scenario.clock.advance(nanoseconds: 1)
        _ = try done(try await scenario.reset(subject))
        try await scenario.consume(subject, 1)
        let before = try await scenario.allAccounts(subject)
        try expectEqual(try await scenario.reset(subject), .tooSoon, "a second reset at once")
        scenario.clock.advance(nanoseconds: -1)
        try expectEqual(try await scenario.reset(subject), .tooSoon, "one before the period")
        try expectEqual(try await scenario.allAccounts(subject), before, "nothing has changed")
        try scenario.setClock("2026-12-01T00:00:00Z")
        try await scenario.consume(subject, 1)
        try expectEqual(try await scenario.reset(subject), .tooSoon, "one at a month's begin")
        try await scenario.expectSound()
    }

    private static func resetsUnused(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        guard case .done(closed: nil, let opened?) = try await scenario.reset(subject) else {
            throw ConformanceFailure(promise: "there is none to close", seen: "one", line: #line)
        }
        try expectEqual(
            Balances(opened.account), Balances(available: 100), "the period that is open")
        try expect(try await scenario.allBatches().isEmpty, "no entry is written")
        try expect(try await scenario.consume(subject, 100), "its units are there")
        try expectEqual(
            try await scenario.allAccounts(subject).map(\.period), [opened.period],
            "in the period that was named")
    }

    private static func resetsOver(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-30T23:59:59Z")
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 40)
        let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-12-01T00:00:01Z")
        guard case .done(closed: nil, let opened?) = try await scenario.reset(subject) else {
            throw ConformanceFailure(
                promise: "November ended by itself", seen: "a reset of it", line: #line)
        }
        let start = try scenario.instant("2026-12-01T00:00:00Z")
        try expectEqual(opened.period.start, start, "December is whole")
        try await scenario.settle(reservation, 10)
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(posted: 50, available: 50), "November")
        try expectEqual(archive.record.period.end, start, "November's end")
        try await scenario.expectSound()
    }

    private static func resetsRate(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(10, per: .hour, burst: 10), .tokens(20, per: .minute),
            .tokens(100, per: .month))
        try await scenario.consume(subject, 10)
        try expect(try await scenario.consume(subject, 1) == false, "the hour's tokens are used")
        let states = try await scenario.view(subject).states
        try expectEqual(
            try await scenario.reset(subject), .done(closed: nil, opened: nil),
            "a rate has no period")
        let after = try await scenario.view(subject).states
        try expectEqual(Array(after[1...]), Array(states[1...]), "the others' states")
        try expect(try await scenario.consume(subject, 10), "the bucket is full")
        try expect(try await scenario.consume(subject, 1) == false, "and not more than that")
    }

    private static func leavesOthers(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(100, per: .day), .tokens(100, per: .month),
            .tokens(100, per: .day, scope: .model(ModelName(trusted: "m"))))
        let other = Subject("other", .tokens(100, per: .day))
        try await scenario.consume(subject, 10)
        try await scenario.consume(other, 10)
        scenario.clock.advance(by: .seconds(1))
        _ = try done(try await scenario.reset(subject))
        try expectEqual(
            try await scenario.accounts(subject).map(\.posted), [0, 10, 10], "posted on each limit")
        try expectEqual(try await scenario.balances(other).posted, 10, "on another tenant's")
    }

    private static func inBatch(_ scenario: Scenario) async throws {
        for isOneBatch in [true, false] {
            let subject = Subject("\(isOneBatch)", .tokens(100, per: .month))
            try await scenario.consume(subject, 5)
            scenario.clock.advance(by: .seconds(1))
            let hold = scenario.command(subject, [Subject.tokens: 20], hold: Hold())
            let used = [Charge(meter: Subject.tokens, amount: 15)]
            let commands: [LedgerCommand] = [
                .admit(scenario.command(subject, [Subject.tokens: 10])), .admit(hold),
                .reset(scenario.resetCommand(subject)),
                .admit(scenario.command(subject, [Subject.tokens: 7])),
                .conclude(
                    ConcludeCommand(
                        reservation: hold.hold?.id ?? ReservationID(trusted: ""),
                        tenant: subject.tenant, event: .settle(used))),
                .reset(scenario.resetCommand(subject)),
            ]
            if isOneBatch {
                _ = try await scenario.ledger.commit(commands)
            } else {
                for command in commands { _ = try await scenario.run(command) }
            }
            try expectEqual(
                try await scenario.balances(subject), Balances(posted: 7, available: 93),
                "the new period (one batch: \(isOneBatch))")
            try expectEqual(
                Balances(try await scenario.onlyArchive(subject).record.account),
                Balances(posted: 30, available: 70), "the old one (one batch: \(isOneBatch))")
        }
        try await scenario.expectSound()
    }

    private static func resetsLifetime(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .lifetime))
        for round in 0..<3 {
            try expect(try await scenario.consume(subject, 100), "life \(round)")
            scenario.clock.advance(by: .seconds(1))
            let (_, opened) = try done(try await scenario.reset(subject))
            try expectEqual(opened.period.end, .distantFuture, "it lasts")
        }
        try expectEqual(try await scenario.posted(subject), 300, "all that was used")
        try await scenario.expectSound()
    }
}
