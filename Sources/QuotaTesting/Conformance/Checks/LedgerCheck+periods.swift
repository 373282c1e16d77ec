import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Where one period ends and the next begins.
extension LedgerCheck {
    static let periods = [
        LedgerCheck("a boundary opens a new account and closes the old one", boundary),
        LedgerCheck("a view after the boundary shows the new period", viewAfterBoundary),
        LedgerCheck("a clock that steps back does not reopen what is over", stepBack),
        LedgerCheck("periods tile when zone and anchor change", periodsTile),
        LedgerCheck("a lifetime never ends", lifetime),
        LedgerCheck("a closed period never changes", closedNeverChanges),
    ]

    private static func boundary(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-30T23:59:59.999999999Z")
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(100, per: .year))
        try await scenario.consume(subject, 10)
        try expect(try await scenario.consume(subject, 1) == false, "November is used up")
        scenario.clock.advance(nanoseconds: 1)
        let outcome = try await scenario.consume(subject, [Subject.tokens: 4])
        try expect(outcome.isAdmitted, "December has units of its own")
        guard case .account(let account, let period)? = outcome.states.first else {
            throw ConformanceFailure(promise: "a state", seen: "none", line: #line)
        }
        try expectEqual(Balances(account), Balances(posted: 4, available: 6), "December")
        try expectEqual(
            [period.start, period.end],
            [
                try scenario.instant("2026-12-01T00:00:00Z"),
                try scenario.instant("2027-01-01T00:00:00Z"),
            ],
            "December's bounds")
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(posted: 10, available: 0), "November")
        try expectEqual(archive.record.account.state, .closed, "November's state")
        try expectEqual(archive.record.period.end, period.start, "November's end")
        let open = try await scenario.ledger.accounts(of: subject.tenant)
        try expectEqual(open.map(\.account.posted), [4, 14], "December and the year")
    }

    private static func viewAfterBoundary(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .day))
        try await scenario.consume(subject, 10)
        try scenario.setClock("2026-11-22T00:00:00Z")
        let states = try await scenario.view(subject).states
        guard case .account(let account, let period)? = states.first else {
            throw ConformanceFailure(promise: "a state", seen: "\(states)", line: #line)
        }
        try expectEqual(Balances(account), Balances(available: 10), "the new day")
        try expect(period.contains(scenario.clock.now), "it is today", saw: "\(period)")
        let records = try await scenario.ledger.accounts(of: subject.tenant)
        try expectEqual(records.map(\.account.posted), [10], "a look opens and closes nothing")
    }

    private static func stepBack(_ scenario: Scenario) async throws {
        for isSwept in [false, true] {
            try scenario.setClock("2026-11-21T23:59:59Z")
            let subject = Subject("t\(isSwept)", .tokens(10, per: .day))
            try await scenario.consume(subject, 6)
            scenario.clock.advance(by: .seconds(1))
            try await scenario.consume(subject, 1)
            if isSwept { try await scenario.sweep() }
            scenario.clock.advance(by: .seconds(-3_600))
            try await scenario.consume(subject, 2)
            try expectEqual(
                try await scenario.balances(subject), Balances(posted: 3, available: 7),
                "use counts in the newest period")
            let old = try await scenario.allAccounts(subject)
                .filter {
                    $0.period.end <= scenario.clock.now.adding(nanoseconds: 3_600_000_000_000)
                }
            try expectEqual(old.map(\.account.posted), [6], "the old period is as it was")
        }
        // All of the old period is archived and nothing new is open.
        try scenario.setClock("2026-11-21T23:59:59Z")
        let subject = Subject("quiet", .tokens(10, per: .day))
        try await scenario.consume(subject, 6)
        scenario.clock.advance(by: .seconds(1))
        try await scenario.sweep()
        scenario.clock.advance(by: .seconds(-1))
        try await scenario.consume(subject, 2)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 2, available: 8),
            "a closed day is not opened again")
        try expectEqual(
            try await scenario.onlyArchive(subject).record.account.posted, 6, "the closed day")
    }

    private static func periodsTile(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-01-15T12:00:00Z")
        var random = SeededRandom(seed: 11)
        var subject = Subject("acme", .tokens(1_000_000, per: .month), .tokens(nil, per: .day))
        let zones = ["UTC", "Pacific/Apia", "America/New_York", "Asia/Kolkata"]
        var used: Int64 = 0
        for step in 0..<120 {
            if step % 10 == 0 {
                let anchor = step % 20 == 0 ? nil : LocalDateTime("2026-01-31T05:30")
                let zone = try ZoneRules(zones[Int.random(in: 0..<4, using: &random)])
                let days = ["2026-02-02", "2026-03-02", "2026-04-06"]
                    .compactMap {
                        LocalDateTime($0)
                    }
                let table =
                    step % 30 == 0
                    ? try BoundaryTable(zone: zone, boundaries: days) : nil
                subject.calendar = TenantCalendar(zone: zone, anchor: anchor, table: table)
            }
            try await scenario.consume(subject, 1)
            used += 1
            if step % 7 == 0 { try await scenario.sweep() }
            let hours = Int64.random(in: -3...80, using: &random)
            scenario.clock.advance(by: .seconds(hours * 3_600))
        }
        for (index, limit) in subject.limits.enumerated() {
            let name = ExactString(limit.accountName)
            let periods = try await scenario.allAccounts(subject).filter { $0.key.limit == name }
                .map(\.period).sorted { $0.start < $1.start }
            for (left, right) in zip(periods, periods.dropFirst()) {
                try expect(
                    left.end <= right.start, "periods do not overlap (\(random))",
                    saw: "\(left) and \(right)")
            }
            try expectEqual(
                try await scenario.posted(subject, limit: index), used,
                "every unit is in one period (\(random))")
        }
    }

    private static func lifetime(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .lifetime))
        try await scenario.consume(subject, 6)
        for year in ["2027", "2031", "2200"] {
            try scenario.setClock("\(year)-01-01T00:00:00Z")
            try await scenario.sweep()
            try expect(try await scenario.consume(subject, 5) == false, "it does not start anew")
            try await scenario.consume(subject, 1)
        }
        let refused = try await scenario.consume(subject, [Subject.tokens: 2])
        try expectEqual(
            refused.violations.map(\.retryAfterNanoseconds), [nil], "waiting does not help")
        try expectEqual(try await scenario.balances(subject).posted, 9, "the use of a lifetime")
    }

    private static func closedNeverChanges(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(10, per: .day))
        let reservation = try await scenario.reserve(subject, 4)
        try await scenario.consume(subject, 5)
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try await scenario.consume(subject, 1)
        try await scenario.settle(reservation, 9)
        let raised = Subject("acme", .tokens(99, per: .day), revision: 9)
        try await scenario.consume(raised, 10)
        for _ in 0..<3 {
            try await scenario.sweep()
            try await scenario.reopen()
            scenario.clock.advance(by: .seconds(60))
        }
        try expectEqual(
            try await scenario.onlyArchive(subject), archive, "the closed period")
    }
}
