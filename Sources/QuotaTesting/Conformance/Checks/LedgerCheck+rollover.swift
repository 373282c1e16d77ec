import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Policies of rollover, as bills have them.
extension LedgerCheck {
    static let rollover = [
        LedgerCheck("B8: of 5,000,000 a month 3,500,000 are carried, 10,000,000 in all", exercise),
        LedgerCheck("case 13: half is carried for one period, the plan used first", case13),
        LedgerCheck(
            "overage is taken off the next period where the policy says so", carriesOverage),
        LedgerCheck("what was used before its limit became smaller is owed by nobody", lowers),
        LedgerCheck("a plan that changes at the boundary forfeits, caps or keeps", changesPlan),
        LedgerCheck("what is carried is by the policy that the period closed with", pinsThePolicy),
        LedgerCheck("unused units are carried or expire, none else", conserves),
        LedgerCheck("case 12: an upgrade in the middle gives the half of what is more", upgrades),
        LedgerCheck("a change of plan counts the same whenever it is noticed", upgradesLate),
        LedgerCheck("B6: what is kept of a period for good are its sums", condenses),
    ]

    private static func month(
        _ quantity: Int64?,
        revision: Int64 = 1
    ) -> Subject {
        Subject("acme", .tokens(quantity, per: .month), revision: revision)
    }

    private static func account(
        _ scenario: Scenario,
        _ subject: Subject,
        line: UInt = #line
    ) async throws -> AccountRecord {
        let records = try await scenario.ledger.accounts(of: subject.tenant)
        guard let record = records.last(where: { $0.account.state == .open }) else {
            throw ConformanceFailure(promise: "an open account", seen: "none", line: line)
        }
        return record
    }

    private static func exercise(_ first: Scenario) async throws {
        var scenario = first
        let subject = month(5_000_000)
            .carrying(try Rollover(cap: .total(10_000_000), maxAgePeriods: nil))
        try scenario.setClock("2027-01-15T12:00:00Z")
        try await scenario.consume(subject, 1_500_000)
        try scenario.setClock("2027-02-01T00:00:00Z")
        try await scenario.sweep()
        try await scenario.reopen()
        try await scenario.consume(subject, 1)
        let second = try await account(scenario, subject)
        try expectEqual(second.account.extra, 3_500_000, "carried into the second month")
        try expectEqual(second.account.quantity, 8_500_000, "in the second month")
        let closed = try await scenario.onlyArchive(subject).record
        try expectEqual(
            closed.terms?.closing, .init(carried: 3_500_000, expired: 0, overage: 0),
            "what the first month's archive says")
        try scenario.setClock("2027-03-01T00:00:00Z")
        try await scenario.consume(subject, 1)
        let third = try await account(scenario, subject)
        try expectEqual(third.account.quantity, 10_000_000, "no more than the total")
        try expectEqual(third.account.extra, 5_000_000, "carried under the total")
        try await scenario.expectSound()
    }

    private static func case13(_ scenario: Scenario) async throws {
        let subject = month(1_000).carrying(try Rollover(cap: .percent(50)))
        try scenario.setClock("2027-01-15T12:00:00Z")
        try await scenario.consume(subject, 400)
        try scenario.setClock("2027-02-15T12:00:00Z")
        try await scenario.consume(subject, 1_200)
        let second = try await account(scenario, subject)
        try expectEqual(second.account.quantity, 1_500, "in month two")
        try expectEqual(second.terms?.carried.map(\.units), [500], "carried into month two")
        try scenario.setClock("2027-03-15T12:00:00Z")
        try await scenario.consume(subject, 1_000)
        let third = try await account(scenario, subject)
        try expectEqual(third.account.quantity, 1_000, "in month three")
        let closings = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
            .map(\.record).sorted { $0.period.start < $1.period.start }.map(\.terms?.closing)
        try expectEqual(
            closings,
            [
                .init(carried: 500, expired: 100, overage: 0),
                .init(carried: 0, expired: 300, overage: 0),
            ], "carried and expired of months one and two")
        try await scenario.expectSound()
    }

    private static func carriesOverage(_ scenario: Scenario) async throws {
        let owing = month(100).carrying(try Rollover(cap: .units(0), overage: .carry))
        let forgiven = Subject("beta", .tokens(100, per: .month))
            .carrying(try Rollover(cap: .units(0)))
        try scenario.setClock("2027-01-31T23:00:00Z")
        for subject in [owing, forgiven] {
            let held = try await scenario.reserve(subject, 60, Hold(ttlSeconds: 7_200))
            try await scenario.settle(held, 130)
        }
        try scenario.setClock("2027-02-01T00:00:00Z")
        try await scenario.consume(owing, 1)
        try await scenario.consume(forgiven, 1)
        try expectEqual(
            try await account(scenario, owing).account.quantity, 70, "less what is owed")
        try expectEqual(try await account(scenario, forgiven).account.quantity, 100, "forgiven")
        let isGiven = try await scenario.consume(owing, 70)
        try expectEqual(isGiven, false, "whether more is given than 69")
        try await scenario.expectSound()
    }

    private static func lowers(_ scenario: Scenario) async throws {
        let rollover = try Rollover(cap: .units(0), overage: .carry)
        let large = month(3_000).carrying(rollover)
        try scenario.setClock("2027-01-15T12:00:00Z")
        try await scenario.consume(large, 2_800)
        let held = try await scenario.reserve(large, 100, Hold(ttlSeconds: 86_400))
        // There and back, as far as that goes.
        let last = month(1_000, revision: 4).carrying(rollover)
        let middle = month(2_000, revision: 3).carrying(rollover)
        for subject in [month(1_000, revision: 2).carrying(rollover), middle, last] {
            try await scenario.refresh(subject)
        }
        try expectEqual(try await account(scenario, last).account.available, -1_900, "not owed")
        // What comes on top of what was held is.
        try await scenario.settle(held, 130)
        try scenario.setClock("2027-02-01T00:00:00Z")
        try await scenario.consume(last, 1)
        try expectEqual(try await account(scenario, last).account.quantity, 970, "next month")
        try await scenario.sweep()
        let closed = try await scenario.onlyArchive(last).record
        try expectEqual(
            closed.terms?.closing, .init(carried: 0, expired: 0, overage: 30), "of January")
        try await scenario.expectSound()
    }

    private static func changesPlan(_ scenario: Scenario) async throws {
        let rules: [(Rollover.PlanChangeRule, Int64)] = [(.forfeit, 0), (.cap, 20), (.keep, 50)]
        for (number, (rule, carried)) in rules.enumerated() {
            let name = "t\(number)"
            let old = Subject(name, .tokens(100, per: .month))
                .carrying(try Rollover(cap: .units(50), onPlanChange: rule), plan: "old")
            let new = Subject(name, .tokens(200, per: .month), revision: 2)
                .carrying(try Rollover(cap: .percent(10)), plan: "new")
            try scenario.setClock("2027-0\(2 * number + 1)-15T12:00:00Z")
            try await scenario.consume(old, 10)
            try scenario.setClock("2027-0\(2 * number + 2)-01T00:00:00Z")
            try await scenario.consume(new, 1)
            let record = try await account(scenario, new)
            try expectEqual(record.account.extra, carried, "carried with \(rule)")
        }
        try await scenario.expectSound()
    }

    private static func pinsThePolicy(_ scenario: Scenario) async throws {
        let first = month(100).carrying(try Rollover(cap: nil, maxAgePeriods: 2), version: 7)
        try scenario.setClock("2027-01-15T12:00:00Z")
        try await scenario.consume(first, 10)
        try scenario.setClock("2027-02-15T12:00:00Z")
        // From now on nothing is carried; what was carried lives on as it was promised.
        let second = month(100, revision: 2)
        try await scenario.consume(second, 1)
        let lots = try await account(scenario, second).terms?.carried
        try expectEqual(lots?.map(\.policyVersion), [7], "the version pinned to the lot")
        try scenario.setClock("2027-03-15T12:00:00Z")
        try await scenario.consume(second, 1)
        let third = try await account(scenario, second)
        try expectEqual(third.terms?.carried.map(\.units), [90], "the old lot, and no new one")
        try scenario.setClock("2027-04-15T12:00:00Z")
        try await scenario.consume(second, 1)
        try expectEqual(try await account(scenario, second).account.extra, 0, "past its age")
        try await scenario.expectSound()
    }

    /// Allowance + carried in = used of it + carried on + expired, in each closed period.
    private static func conserves(_ scenario: Scenario) async throws {
        var random = SeededRandom(seed: 13)
        try scenario.setClock("2027-01-01T06:00:00Z")
        let caps: [Rollover.Cap?] = [nil, .percent(60), .units(45), .total(160)]
        for number in 0..<8 {
            let rollover = try Rollover(
                cap: caps[number % 4], maxAgePeriods: number < 4 ? 2 : nil,
                burnOrder: number.isMultiple(of: 3) ? .carriedFirst : .planFirst)
            let subject = Subject("t\(number)", .tokens(100, per: .day)).carrying(rollover)
            for _ in 0..<10 {
                // Days in which nobody asks are among them.
                let units = Int64.random(in: -30...140, using: &random)
                if units > 0 { try await scenario.consume(subject, units) }
                scenario.clock.advance(by: .seconds(86_400))
            }
            try await scenario.consume(subject, 1)
            try await scenario.sweep()
            for archive in try await scenario.ledger.archives(of: subject.tenant, limit: 99) {
                let account = archive.record.account
                guard let closing = archive.record.terms?.closing else { continue }
                try expectEqual(
                    account.posted - closing.overage + closing.carried + closing.expired,
                    account.capacity, "the units of \(archive.record.period.start)")
            }
        }
        try await scenario.expectSound()
    }

    // MARK: Proration

    private static func upgraded(_ scenario: Scenario, since: String) throws -> Subject {
        let limit = Limit.tokens(3_000, per: .month)
        let compiled = CompiledLimit(
            limit, key: nil, source: .plan, revision: 2,
            steps: [
                AllowanceStep(since: .distantPast, quantity: 1_000),
                AllowanceStep(since: try scenario.instant(since), quantity: 3_000),
            ])
        var subject = Subject("acme", limit)
        subject.limits = [compiled]
        return subject
    }

    private static func upgrades(_ scenario: Scenario) async throws {
        let before = month(1_000)
        // April has 30 days.
        try scenario.setClock("2027-04-10T00:00:00Z")
        try await scenario.consume(before, 900)
        try scenario.setClock("2027-04-16T00:00:00Z")
        let after = try upgraded(scenario, since: "2027-04-16T00:00:00Z")
        try await scenario.refresh(after)
        let record = try await account(scenario, after)
        try expectEqual(record.account.quantity, 2_000, "half of what is more")
        try expectEqual(record.account.available, 1_100, "with 900 used")
        try scenario.setClock("2027-05-01T00:00:00Z")
        try await scenario.consume(after, 1)
        try expectEqual(
            try await account(scenario, after).account.quantity, 3_000, "all of it next month")
        try await scenario.expectSound()
    }

    private static func upgradesLate(_ scenario: Scenario) async throws {
        // Nobody asked before, and nobody at the change.
        try scenario.setClock("2027-04-25T00:00:00Z")
        let after = try upgraded(scenario, since: "2027-04-16T00:00:00Z")
        try await scenario.consume(after, 1)
        try expectEqual(
            try await account(scenario, after).account.quantity, 2_000, "as if it was seen at once")
        try await scenario.expectSound()
    }

    private static func condenses(_ first: Scenario) async throws {
        var scenario = first
        let subject = month(1_000)
            .carrying(try Rollover(cap: .total(10_000), maxAgePeriods: nil))
        for (day, used) in [("2026-01-15", 900), ("2026-02-15", 100), ("2026-03-15", 0)] {
            try scenario.setClock("\(day)T12:00:00Z")
            try await scenario.consume(subject, Int64(used))
            try await scenario.sweep()
        }
        try scenario.setClock("2026-04-02T00:00:00Z")
        try await scenario.sweep()
        let whole = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
        try expectEqual(whole.map(\.record.account.posted), [0, 100, 900], "what was used")
        try expectEqual(
            whole.map { $0.record.terms?.closing?.carried }, [2_000, 1_000, 100], "carried")
        func condense(before instant: Timestamp) async throws -> SweepAnswer {
            try await scenario.ledger
                .sweep(
                    SweepCommand(
                        forgetAnswersBefore: .distantPast, maximumAnswers: 9,
                        condenseArchivesBefore: instant, limit: 2))
        }
        try expectEqual(
            try await condense(before: whole[1].closedAt).isComplete, true, "the first alone")
        var kept = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
        try expectEqual(kept.map(\.isCondensed), [false, false, true], "the one that is old")
        for isComplete in [false, true, true] {
            try expectEqual(
                try await condense(before: .distantFuture).isComplete, isComplete, "condensed")
        }
        try await scenario.reopen()
        kept = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
        try expectEqual(
            kept.map(\.record.account), whole.map(\.record.account), "the sums stay")
        try expectEqual(
            kept.map { $0.record.terms?.closing }, whole.map { $0.record.terms?.closing },
            "so does what came of it")
        try expectEqual(
            kept.map { $0.record.terms?.policy == nil }, [false, true, true],
            "what it was made of is gone, but for the last")
        // Half a year later the next period begins with what the last one left.
        try scenario.setClock("2026-09-02T00:00:00Z")
        try await scenario.consume(subject, 1)
        try expectEqual(
            try await account(scenario, subject).account.extra, 7_000, "carried over the gap")
    }
}
