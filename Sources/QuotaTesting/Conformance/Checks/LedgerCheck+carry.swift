import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// What a period leaves unused, where the next one gets it.
extension LedgerCheck {
    static let carry = [
        LedgerCheck("what a period leaves unused is carried into the next", carriesUnused),
        LedgerCheck("nothing is carried where no limit says so", carriesNothing),
        LedgerCheck("what is out is carried when it has come back, once", carriesWhatComesBack),
        LedgerCheck("what is suspect when its period closes is never carried", carriesNoSuspects),
        LedgerCheck("a hold that frees itself in time is carried", carriesWhatExpires),
        LedgerCheck("what an overage uses is not carried", takesOverages),
        LedgerCheck("a limit that changes keeps what was carried into it", changesUnderCarry),
        LedgerCheck("a reset keeps what was carried and is not used, and no more", resetsCarry),
        LedgerCheck("a period in which nobody asked passes on what it had", carriesOverGaps),
        LedgerCheck("what is decided for a date holds from it on, also in silence", keepsDates),
        LedgerCheck("periods have what was left, whatever came back when", carriesAnything),
    ]

    private static func day(_ quantity: Int64?, revision: Int64 = 1) -> Subject {
        Subject("acme", .tokens(quantity, per: .day), revision: revision).carrying
    }

    /// The open account of the subject's one limit.
    private static func current(
        _ scenario: Scenario,
        _ subject: Subject,
        line: UInt = #line
    ) async throws -> Account {
        guard let account = try await scenario.accounts(subject).first else {
            throw ConformanceFailure(promise: "an account", seen: "none", line: line)
        }
        return account
    }

    private static func expectCarry(
        _ scenario: Scenario,
        _ subject: Subject,
        carried: Int64,
        available: Int64,
        _ moment: String,
        line: UInt = #line
    ) async throws {
        let account = try await current(scenario, subject, line: line)
        try expectEqual(account.extra, carried, "carried \(moment)", line: line)
        try expectEqual(account.available, available, "available \(moment)", line: line)
    }

    private static func carriesUnused(_ first: Scenario) async throws {
        var scenario = first
        let subject = day(100)
        try scenario.setClock("2026-11-21T12:00:00Z")
        try await scenario.consume(subject, 30)
        try scenario.setClock("2026-11-22T00:00:00Z")
        try await expectCarry(scenario, subject, carried: 70, available: 170, "before anybody asks")
        try await scenario.consume(subject, 160)
        try await scenario.reopen()
        try await expectCarry(scenario, subject, carried: 70, available: 10, "on the second day")
        try await scenario.consume(subject, 10)
        let isGiven = try await scenario.consume(subject, 1)
        try expectEqual(isGiven, false, "whether more than both is given")
        try scenario.setClock("2026-11-23T00:00:00Z")
        try await expectCarry(scenario, subject, carried: 0, available: 100, "when nothing is left")
        try await scenario.consume(subject, 1)
        try scenario.setClock("2026-11-24T00:00:00Z")
        try await scenario.sweep()
        try await scenario.reopen()
        try await expectCarry(scenario, subject, carried: 99, available: 199, "of an archive")
        try await scenario.expectSound()
    }

    private static func carriesNothing(_ scenario: Scenario) async throws {
        for subject in [
            Subject("plain", .tokens(100, per: .day)),
            Subject("unlimited", .tokens(nil, per: .day)).carrying,
        ] {
            try scenario.setClock("2026-11-21T12:00:00Z")
            try await scenario.consume(subject, 30)
            try scenario.setClock("2026-11-22T00:00:01Z")
            try await scenario.consume(subject, 1)
            try expectEqual(
                try await current(scenario, subject).extra, 0, "carried for \(subject.tenant)")
        }
        try await scenario.expectSound()
    }

    private static func carriesWhatComesBack(_ first: Scenario) async throws {
        var scenario = first
        let subject = day(100)
        try scenario.setClock("2026-11-21T23:59:00Z")
        try await scenario.consume(subject, 30)
        let held = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 3_600))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 12)[0]
        try scenario.setClock("2026-11-22T00:01:00Z")
        try await scenario.consume(subject, 1)
        try await expectCarry(scenario, subject, carried: 38, available: 137, "with 32 units out")
        try await scenario.settle(held, 5)
        try await expectCarry(scenario, subject, carried: 53, available: 152, "after a settlement")
        try await scenario.reopen()
        for _ in 0..<2 { try await node.giveBack(scenario, subject, lease, 4) }
        try await expectCarry(scenario, subject, carried: 57, available: 156, "after a return")
        try await node.use(scenario, lease, 6, closing: true)
        try await expectCarry(scenario, subject, carried: 59, available: 158, "after the close")
        let closed = try await scenario.onlyArchive(subject).record
        try expectEqual(
            Balances(closed.account), Balances(posted: 41, available: 59), "the first day")
        try await scenario.expectSound()
    }

    private static func carriesNoSuspects(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T23:59:00Z")
        let (held, resolved) = (
            try await scenario.reserve(subject, 20), try await scenario.reserve(subject, 10)
        )
        var node = try await LeasingNode(scenario)
        try await node.lease(scenario, subject, 15)
        try await node.end(scenario, .incomplete)
        let grants = try await scenario.grants(held) + scenario.grants(resolved)
        try scenario.setClock("2026-11-22T00:01:00Z")
        try await scenario.sweep()
        try await scenario.consume(subject, 1)
        try await expectCarry(
            scenario, subject, carried: 55, available: 154, "with 45 suspect units")
        try await scenario.resolve(grants[1], used: 3)
        try await expectCarry(scenario, subject, carried: 62, available: 161, "after evidence")
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 3, suspect: 35, available: 62), "the first day")
        try await scenario.resolve(grants[0], used: 5)
        try await expectCarry(scenario, subject, carried: 62, available: 156, "after late evidence")
        try await scenario.resolve(node.lease(1), used: 0)
        try await expectCarry(scenario, subject, carried: 62, available: 156, "after all of it")
        try await scenario.expectSound()
    }

    private static func carriesWhatExpires(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T23:59:30Z")
        _ = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 60, onExpiry: .void))
        _ = try await scenario.reserve(subject, 7, Hold(ttlSeconds: 60, onExpiry: .post))
        try scenario.setClock("2026-11-22T00:00:01Z")
        try await scenario.consume(subject, 1)
        try await expectCarry(scenario, subject, carried: 73, available: 172, "while it is held")
        try scenario.setClock("2026-11-22T06:00:00Z")
        try await scenario.sweep()
        try await expectCarry(scenario, subject, carried: 93, available: 192, "after the sweep")
        try await scenario.expectSound()
    }

    private static func takesOverages(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T23:59:30Z")
        let held = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 3_600))
        let other = try await scenario.reserve(subject, 30, Hold(ttlSeconds: 3_600))
        try scenario.setClock("2026-11-22T00:00:01Z")
        try await scenario.consume(subject, 110)
        try await expectCarry(scenario, subject, carried: 50, available: 40, "while both are held")
        try await scenario.settle(held, 60)
        try await expectCarry(
            scenario, subject, carried: 10, available: 0, "after an overage of 40")
        try await scenario.settle(other, 0)
        try await expectCarry(scenario, subject, carried: 40, available: 30, "when 40 are unused")
        try await scenario.expectSound()
    }

    private static func changesUnderCarry(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T12:00:00Z")
        try await scenario.consume(subject, 30)
        try scenario.setClock("2026-11-22T12:00:00Z")
        try await scenario.consume(subject, 10)
        try await expectCarry(
            scenario, day(40, revision: 2), carried: 70, available: 100, "after a lowering")
        try await scenario.consume(day(40, revision: 2), 1)
        try await expectCarry(
            scenario, day(nil, revision: 3), carried: 70,
            available: Amount.unlimitedCapacity - 11, "without a limit")
        try await scenario.consume(day(nil, revision: 3), 1)
        let last = day(50, revision: 4)
        try await expectCarry(scenario, last, carried: 70, available: 108, "with a limit again")
        try await scenario.consume(last, 1)
        try scenario.setClock("2026-11-23T12:00:00Z")
        try await expectCarry(scenario, last, carried: 107, available: 157, "the day after")
        try await scenario.expectSound()
    }

    private static func resetsCarry(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T12:00:00Z")
        try await scenario.consume(subject, 30)
        try scenario.setClock("2026-11-22T12:00:00Z")
        let held = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 600))
        scenario.clock.advance(by: .seconds(60))
        try await scenario.reset(subject)
        try await expectCarry(scenario, subject, carried: 70, available: 170, "after the reset")
        try await scenario.settle(held, 5)
        try await expectCarry(
            scenario, subject, carried: 70, available: 170, "what was out comes back")
        try await scenario.consume(subject, 10)
        try scenario.setClock("2026-11-23T00:00:00Z")
        try await expectCarry(scenario, subject, carried: 160, available: 260, "the day after")
        try await scenario.expectSound()
    }

    private static func carriesOverGaps(_ scenario: Scenario) async throws {
        let subject = day(100)
        try scenario.setClock("2026-11-21T12:00:00Z")
        try await scenario.consume(subject, 30)
        try scenario.setClock("2026-11-23T12:00:00Z")
        try await expectCarry(
            scenario, subject, carried: 170, available: 270, "after a day of nothing")
        try await scenario.expectSound()
    }

    private static func keepsDates(_ first: Scenario) async throws {
        var scenario = first
        let tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: .distantPast, revision: 1)
        var limit = Limit.tokens(100, per: .day)
        limit.rollover = try Rollover(cap: nil, maxAgePeriods: nil)
        let plan = Plan(id: .fallback, name: "Free", weight: 1, limits: [limit])
        let overrides = [
            override(300, of: tenant, "2026-11-21T06:00:00Z", until: "2026-11-21T18:00:00Z"),
            override(1_000, of: tenant, "2026-11-23T12:00:00Z", until: "2026-11-24T12:00:00Z"),
        ]
        var subject: Subject {
            var subject = Subject(tenant: tenant.id, limits: [])
            subject.limits =
                Entitlements(
                    tenant: tenant, plan: plan, key: nil, overrides: overrides,
                    now: scenario.clock.now, catalog: { _ in plan }
                )
                .limits
            return subject
        }
        try scenario.setClock("2026-11-21T07:00:00Z")
        try await scenario.consume(subject, 30)
        let held = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 864_000))
        try await expectCarry(scenario, subject, carried: 0, available: 260, "at first")
        try await scenario.reopen()
        try scenario.setClock("2026-11-22T12:00:00Z")
        try await scenario.sweep()
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 30, suspect: 10, available: 60), "the first day, by its end")
        try await expectCarry(scenario, subject, carried: 60, available: 160, "the day after")
        try scenario.setClock("2026-11-23T07:00:00Z")
        try await scenario.consume(subject, 1)
        // What is settled late knows no limit, and leaves what is decided as it is.
        try await scenario.settle(held, 10)
        try scenario.setClock("2026-11-25T12:00:00Z")
        try await expectCarry(
            scenario, subject, carried: 1_249, available: 1_349, "after days of nothing")
        try await scenario.consume(subject, 1_349)
        try await scenario.expectSound()
    }

    private static func override(
        _ quantity: Int64,
        of tenant: Tenant,
        _ start: String,
        until end: String
    ) -> LimitOverride {
        LimitOverride(
            id: LimitOverride.ID(
                tenant: tenant.id, meter: Subject.tokens, window: .day,
                startsAt: Timestamp(start)),
            quantity: quantity, expiresAt: Timestamp(end), createdAt: .distantPast)
    }

    /// Days in which units are used, held and leased at random, and come back at random.
    private static func carriesAnything(_ scenario: Scenario) async throws {
        var random = SeededRandom(seed: 11)
        let subject = day(1_000)
        var node = try await LeasingNode(scenario)
        try scenario.setClock("2026-11-21T00:00:00Z")
        for _ in 0..<12 {
            var held: [Reservation] = []
            var leases: [(id: GrantID, units: Int64)] = []
            for _ in 0..<6 {
                let units = Int64.random(in: 1...60, using: &random)
                held.append(try await scenario.reserve(subject, units, Hold(ttlSeconds: 90_000)))
                leases += try await node.lease(scenario, subject, units).map { ($0, units) }
                try await scenario.consume(subject, units)
            }
            scenario.clock.advance(by: .seconds(86_400))
            for (reservation, lease) in zip(held, leases) {
                try await scenario.consume(subject, 1)
                let units = reservation.held[0].amount
                try await scenario.settle(reservation, Int64.random(in: 0...units, using: &random))
                // The lease may be larger than what was asked for.
                let used = Int64.random(in: 0...lease.units, using: &random)
                try await node.use(scenario, lease.id, used, closing: true)
                try await expectSold(scenario, subject)
            }
        }
        let archives = try await scenario.ledger.archives(of: subject.tenant, limit: 100)
        let records =
            archives.map(\.record).reversed() + [
                try await scenario.ledger.accounts(of: subject.tenant)[0]
            ]
        for (before, after) in zip(records, records.dropFirst()) {
            try expectEqual(
                after.account.extra, before.account.available,
                "what \(before.period.start) left")
        }
        try await scenario.expectSound()
    }

    /// Fails when a period has units that one before it may still use.
    private static func expectSold(_ scenario: Scenario, _ subject: Subject) async throws {
        let records = try await scenario.allAccounts(subject)
            .sorted { $0.period.start < $1.period.start }
        for (before, after) in zip(records, records.dropFirst()) {
            try expectEqual(
                after.account.extra, before.account.available,
                "no more is carried than is unused for sure")
        }
    }
}

extension Subject {
    /// The same subject; what its budgets leave unused is carried.
    var carrying: Subject {
        carrying(try? Rollover(cap: nil, maxAgePeriods: nil))
    }

    /// The same subject; of what its budgets leave unused so much is carried.
    func carrying(
        _ rollover: Rollover?,
        version: Int64 = 1,
        plan: String? = nil
    ) -> Subject {
        var subject = self
        let policy = rollover.map { RolloverPolicy($0, version: version) }
        subject.limits = limits.map {
            CompiledLimit(
                $0.limit, key: nil, source: $0.source, revision: $0.revision, policy: policy,
                plan: plan.map(PlanID.init(trusted:)))
        }
        return subject
    }
}
