import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Units on top of a limit.
extension LedgerCheck {
    static let topUps = [
        LedgerCheck("a top-up is there at once, and once", grantsOnce),
        LedgerCheck("a top-up that is used up is not granted again by a repeat", remembers),
        LedgerCheck("top-ups are used by priority, then by expiry", burnsInOrder),
        LedgerCheck("what is left of a top-up expires in time, and what is used stays", lapses),
        LedgerCheck("what comes back to a top-up that has expired is gone with it", lapsesAgain),
        LedgerCheck("a credit is no part of a top-up that has expired", creditsStay),
        LedgerCheck("unused units with top-ups are carried or expire, none else", conserves),
        LedgerCheck("what is left of a top-up goes over the end of a period", goesOn),
        LedgerCheck("who looks at a period sees what goes into it, and opens nothing", looks),
        LedgerCheck("a revoked top-up keeps what was used of it", revokes),
        LedgerCheck("what comes back to a period that is over revives no top-up", staysRevoked),
        LedgerCheck("an unlimited budget has no top-ups, and no limit too many", refusesTopUps),
    ]

    private static let subject = Subject("acme", .tokens(100, per: .month))

    private static func topUp(
        _ id: String,
        _ units: Int64,
        priority: Int = TopUp.planPriority,
        until expiresAt: String? = nil,
        _ scenario: Scenario
    ) throws -> TopUp {
        TopUp(
            id: TopUpID(trusted: id), granted: units, priority: priority,
            expiresAt: try expiresAt.map(scenario.instant), grantedAt: scenario.clock.now)
    }

    @discardableResult
    private static func change(
        _ scenario: Scenario,
        _ change: TopUpCommand.Change,
        of subject: Subject = subject,
        memorySeconds: Int64 = 0,
        line: UInt = #line
    ) async throws -> TopUpAnswer {
        let answer = try await scenario.run(
            .topUp(
                TopUpCommand(
                    tenant: subject.tenant, limit: subject.limits[0], calendar: subject.calendar,
                    change: change, memoryNanoseconds: memorySeconds * 1_000_000_000)))
        guard case .toppedUp(let toppedUp) = answer else {
            throw ConformanceFailure(promise: "a top-up", seen: answer.word, line: line)
        }
        return toppedUp
    }

    private static func record(
        _ scenario: Scenario,
        line: UInt = #line
    ) async throws -> AccountRecord {
        let records = try await scenario.ledger.accounts(of: subject.tenant)
        guard let record = records.last(where: { $0.account.state == .open }) else {
            throw ConformanceFailure(promise: "an open account", seen: "none", line: line)
        }
        return record
    }

    private static func left(_ scenario: Scenario) async throws -> [String: Int64] {
        let record = try await record(scenario)
        let terms = record.terms ?? AccountTerms()
        let left = terms.left(used: record.account.used, allowance: record.account.allowance)
        return Dictionary(
            uniqueKeysWithValues: zip(terms.topUps, left).map { ($0.id.text, $1) })
    }

    private static func remembers(_ first: Scenario) async throws {
        var scenario = first
        let order = try topUp("g_order", 50, priority: 10, scenario)
        let day: Int64 = 86_400
        try await change(scenario, .grant(order), memorySeconds: day)
        try await scenario.consume(subject, 50)
        try scenario.setClock("2026-12-01T00:00:00Z")
        try await scenario.consume(subject, 1)
        try await scenario.reopen()
        // Whatever the clock says since, a repeat within the time is the same order.
        scenario.clock.set(order.grantedAt.adding(nanoseconds: (day - 1) * 1_000_000_000))
        let repeated = try await change(scenario, .grant(order), memorySeconds: day)
        guard case .spent(_, grantedAt: order.grantedAt) = repeated else {
            throw ConformanceFailure(
                promise: "a repeat grants nothing", seen: "\(repeated)", line: #line)
        }
        let other = try topUp("g_order", 51, priority: 10, scenario)
        try expectEqual(
            try await change(scenario, .grant(other), memorySeconds: day), .idReused,
            "another order under the same id")
        try await change(
            scenario, .grant(other), of: Subject("beta", .tokens(9, per: .month)),
            memorySeconds: day)
        scenario.clock.set(order.grantedAt.adding(nanoseconds: day * 1_000_000_000))
        let later = try await change(scenario, .grant(other), memorySeconds: day)
        guard case .done(_, isNew: true) = later else {
            throw ConformanceFailure(
                promise: "the id is free again", seen: "\(later)", line: #line)
        }
    }

    private static func grantsOnce(_ first: Scenario) async throws {
        var scenario = first
        try await scenario.consume(subject, 100)
        let isGiven = try await scenario.consume(subject, 1)
        try expectEqual(isGiven, false, "whether more is given before")
        let granted = try topUp("g1", 50, scenario)
        for isNew in [true, false] {
            guard case .done(_, isNew: isNew) = try await change(scenario, .grant(granted)) else {
                return try expect(false, "the top-up is done, new: \(isNew)")
            }
        }
        try expectEqual(
            try await change(scenario, .grant(try topUp("g1", 51, scenario))), .idReused,
            "another top-up of that id")
        try await scenario.reopen()
        try await scenario.consume(subject, 50)
        let isMore = try await scenario.consume(subject, 1)
        try expectEqual(isMore, false, "whether more is given after")
        try expectEqual(try await record(scenario).account.quantity, 150, "in all")
        try await scenario.expectSound()
    }

    private static func burnsInOrder(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        for granted in [
            try topUp("late", 10, until: "2027-06-01T00:00:00Z", scenario),
            try topUp("soon", 10, until: "2027-05-01T00:00:00Z", scenario),
            try topUp("first", 10, priority: 1, scenario),
            try topUp("last", 10, priority: 90, scenario),
        ] {
            try await change(scenario, .grant(granted))
        }
        let steps: [(Int64, [String: Int64])] = [
            (4, ["first": 6, "soon": 10, "late": 10, "last": 10]),
            (106, ["first": 0, "soon": 10, "late": 10, "last": 10]),
            (7, ["first": 0, "soon": 3, "late": 10, "last": 10]),
            (11, ["first": 0, "soon": 0, "late": 2, "last": 10]),
            (5, ["first": 0, "soon": 0, "late": 0, "last": 7]),
        ]
        for (units, expected) in steps {
            try await scenario.consume(subject, units)
            try expectEqual(try await left(scenario), expected, "left after \(units) more")
        }
        try await scenario.expectSound()
    }

    private static func lapses(_ first: Scenario) async throws {
        var scenario = first
        try scenario.setClock("2027-01-10T00:00:00Z")
        for granted in [
            try topUp("used", 40, priority: 1, until: "2027-01-20T00:00:00Z", scenario),
            try topUp("unused", 30, until: "2027-01-20T00:00:00Z", scenario),
            try topUp("later", 5, until: "2027-01-25T00:00:00Z", scenario),
        ] {
            try await change(scenario, .grant(granted))
        }
        try await scenario.consume(subject, 25)
        try expectEqual(try await record(scenario).account.quantity, 175, "in all before")
        try scenario.setClock("2027-01-20T00:00:00Z")
        try await scenario.sweep()
        try await scenario.reopen()
        let after = try await record(scenario)
        try expectEqual(after.account.quantity, 130, "25 of the first are used, none of the second")
        try expectEqual(after.account.available, 105, "left after the first expiry")
        try scenario.setClock("2027-01-25T00:00:00Z")
        // Nobody has swept: who asks sees it all the same.
        let isGiven = try await scenario.consume(subject, 101)
        try expectEqual(isGiven, false, "whether what has expired is given")
        try await scenario.consume(subject, 100)
        try expectEqual(try await record(scenario).account.quantity, 125, "in all in the end")
        try await scenario.expectSound()
    }

    private static func lapsesAgain(_ first: Scenario) async throws {
        var scenario = first
        try scenario.setClock("2027-01-10T00:00:00Z")
        let granted = try topUp("g1", 100, priority: 0, until: "2027-01-20T00:00:00Z", scenario)
        try await change(scenario, .grant(granted))
        try await scenario.consume(subject, 30)
        let held = try await scenario.reserve(subject, 60, Hold(ttlSeconds: 86_400))
        let later = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 86_400))
        try scenario.setClock("2027-01-20T00:00:00Z")
        try await scenario.sweep()
        try expectEqual(try await record(scenario).account.quantity, 200, "while all is held")
        try await scenario.conclude(later, .void)
        try expectEqual(try await record(scenario).account.quantity, 190, "after the void")
        try await scenario.reopen()
        // Of what it held a part is used.
        try await scenario.settle(held, 25)
        try expectEqual(try await record(scenario).account.quantity, 155, "after the settlement")
        try expectEqual(try await record(scenario).account.available, 100, "left of the limit")
        let again = try await scenario.reserve(subject, 50, Hold(ttlSeconds: 60))
        try await scenario.conclude(again, .void)
        try expectEqual(try await record(scenario).account.quantity, 155, "what is used stays")
        try await scenario.expectSound()
    }

    private static func creditsStay(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        let granted = try topUp("g1", 100, priority: 0, until: "2027-01-20T00:00:00Z", scenario)
        try await change(scenario, .grant(granted))
        try await scenario.consume(subject, 80)
        try scenario.setClock("2027-01-20T00:00:00Z")
        try await scenario.sweep()
        _ = try await scenario.adjust(subject, -30, id: "c1")
        try expectEqual(try await record(scenario).account.available, 130, "with the credit")
        try await scenario.expectSound()
    }

    /// Limit + carried in + top-ups = used of them + what goes on + expired, in each closed period.
    private static func conserves(_ scenario: Scenario) async throws {
        var random = SeededRandom(seed: 17)
        try scenario.setClock("2027-01-01T06:00:00Z")
        let caps: [Rollover.Cap?] = [nil, .percent(60), .units(45), .total(160)]
        var lapsed = 0
        for number in 0..<12 {
            let rollover = try Rollover(
                cap: caps[number % 4], overage: number < 6 ? .carry : .forgive)
            let subject = Subject("t\(number)", .tokens(100, per: .day)).carrying(rollover)
            for day in 0..<10 {
                let morning = scenario.clock.now
                try await liveADay(scenario, subject, day, &random)
                scenario.clock.set(morning.adding(nanoseconds: 24 * hour))
            }
            try await scenario.consume(subject, 1)
            try await scenario.sweep()
            for archive in try await scenario.ledger.archives(of: subject.tenant, limit: 99) {
                let account = archive.record.account
                guard let terms = archive.record.terms, let closing = terms.closing else {
                    continue
                }
                lapsed += terms.topUps.count(where: \.hasLapsed)
                try expectEqual(
                    account.posted - closing.overage + closing.carried + closing.expired,
                    account.capacity, "the units of \(archive.record.period.start)")
            }
        }
        try expect(lapsed > 0, "top-ups expire in the middle of periods")
        try await scenario.expectSound()
    }

    private static let hour: Int64 = 3_600_000_000_000

    /// Buys, uses and holds; what is held ends some hours later, when top-ups may have expired.
    private static func liveADay(
        _ scenario: Scenario,
        _ subject: Subject,
        _ day: Int,
        _ random: inout SeededRandom
    ) async throws {
        let now = scenario.clock.now
        let end = now.adding(nanoseconds: Int64.random(in: 1...40, using: &random) * hour)
        let granted = TopUp(
            id: TopUpID(trusted: "g\(day)"), granted: Int64.random(in: 1...90, using: &random),
            priority: Int.random(in: 0...100, using: &random),
            expiresAt: Bool.random(using: &random) ? end : nil, grantedAt: now)
        try await change(scenario, .grant(granted), of: subject)
        try await scenario.consume(subject, Int64.random(in: 1...60, using: &random))
        let units = Int64.random(in: 1...90, using: &random)
        let held =
            try await scenario.outcome(
                scenario.command(subject, [Subject.tokens: units], hold: Hold(ttlSeconds: 86_400))
            )
            .reservation
        scenario.clock.set(
            now.adding(nanoseconds: Int64.random(in: 1...17, using: &random) * hour))
        try await scenario.sweep()
        if let held, Bool.random(using: &random) {
            try await scenario.conclude(held, .void)
        } else if let held {
            try await scenario.settle(held, Int64.random(in: 0...units + 40, using: &random))
        }
        try await scenario.consume(subject, Int64.random(in: 1...9, using: &random))
    }

    private static func goesOn(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        for granted in [
            try topUp("ends", 20, until: "2027-02-01T00:00:00Z", scenario),
            try topUp("stays", 60, scenario),
            try topUp("gone", 7, priority: 0, scenario),
        ] {
            try await change(scenario, .grant(granted))
        }
        // 7 of the first, 100 of the limit, 20 that would expire, 13 of what stays.
        try await scenario.consume(subject, 140)
        try scenario.setClock("2027-02-01T00:00:00Z")
        try await scenario.consume(subject, 1)
        let next = try await record(scenario)
        try expectEqual(next.account.quantity, 147, "with what is left of one")
        try expectEqual(next.terms?.topUps.map(\.id.text), ["stays"], "the one that is left")
        // Over two months in which nobody asks.
        try scenario.setClock("2027-05-10T00:00:00Z")
        try await scenario.consume(subject, 1)
        try expectEqual(try await record(scenario).account.quantity, 147, "months later")
        try await scenario.expectSound()
    }

    private static func looks(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        try await change(scenario, .grant(try topUp("stays", 60, scenario)))
        try await scenario.consume(subject, 110)
        for instant in ["2027-01-31T00:00:00Z", "2027-02-01T00:00:00Z", "2027-05-10T00:00:00Z"] {
            try scenario.setClock(instant)
            let before = try await scenario.ledger.accounts(of: subject.tenant)
            guard case .done(let seen, false) = try await change(scenario, .look) else {
                return try expect(false, "what is there at \(instant)")
            }
            let isFirst = instant < "2027-02-01"
            try expectEqual(
                seen.account.quantity, isFirst ? 160 : 150, "the limit at \(instant)")
            try expectEqual(seen.account.used, isFirst ? 110 : 0, "what was used")
            try expectEqual(
                try await scenario.ledger.accounts(of: subject.tenant), before,
                "the accounts at \(instant)")
            try await scenario.sweep()
        }
        try await scenario.expectSound()
    }

    private static func revokes(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        try await change(scenario, .grant(try topUp("g1", 50, priority: 0, scenario)))
        try await scenario.consume(subject, 20)
        let id = TopUpID(trusted: "g1")
        guard case .done = try await change(scenario, .revoke(id)) else {
            return try expect(false, "it is revoked")
        }
        try expectEqual(try await record(scenario).account.quantity, 120, "with the 20 used")
        try expectEqual(
            try await change(scenario, .revoke(id)), .notFound, "revoking it once more")
        try await scenario.expectSound()
    }

    private static func staysRevoked(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-31T23:59:00Z")
        for granted in [
            try topUp("revoked", 50, scenario),
            try topUp("expired", 30, until: "2027-02-01T00:05:00Z", scenario),
        ] {
            try await change(scenario, .grant(granted))
        }
        let held = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 3_600))
        try scenario.setClock("2027-02-01T00:01:00Z")
        try await scenario.consume(subject, 1)
        try expectEqual(try await record(scenario).account.quantity, 180, "with both")
        try await change(scenario, .revoke(TopUpID(trusted: "revoked")))
        try scenario.setClock("2027-02-01T00:06:00Z")
        try await scenario.sweep()
        try expectEqual(try await record(scenario).account.quantity, 100, "with neither")
        // The period before is still closing, and something of it comes back.
        try await scenario.settle(held, 5)
        try await scenario.consume(subject, 1)
        try expectEqual(try await record(scenario).account.quantity, 100, "after a settlement")
        try await scenario.sweep()
        let closed = try await scenario.onlyArchive(subject).record
        try expectEqual(
            closed.terms?.closing, .init(carried: 80, expired: 95, overage: 0),
            "both went on, and what was left of the limit expired")
        try expectEqual(
            closed.account.posted + 80 + 95, closed.account.capacity, "the units of the month")
        try await scenario.expectSound()
    }

    private static func refusesTopUps(_ scenario: Scenario) async throws {
        let unlimited = Subject("free", .tokens(nil, per: .month))
        let granted = try topUp("g", 1, scenario)
        try expectEqual(
            try await change(scenario, .grant(granted), of: unlimited), .unlimited,
            "a top-up of no limit")
        for number in 0..<TopUp.maximumPerLimit {
            try await change(scenario, .grant(try topUp("g\(number)", 1, scenario)))
        }
        try expectEqual(
            try await change(scenario, .grant(granted)), .tooMany, "one top-up too many")
        try expectEqual(
            try await record(scenario).account.quantity, 100 + Int64(TopUp.maximumPerLimit),
            "as many as there may be")
        try await scenario.expectSound()
    }
}
