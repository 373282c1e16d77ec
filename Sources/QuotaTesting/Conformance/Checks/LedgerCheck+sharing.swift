import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Limits that the tenants of an organization share.
extension LedgerCheck {
    static let sharing = [
        LedgerCheck("tenants of one organization share its budget", sharesBudget),
        LedgerCheck("what an organization refuses takes nothing from its tenant", refusesWhole),
        LedgerCheck("an organization's budget follows its own calendar", sharesCalendar),
        LedgerCheck("an organization's rate is one bucket", sharesRate),
        LedgerCheck("use beyond a hold is owed by the shared rate", owesSharedRate),
        LedgerCheck("late word settles in the organization's period too", settlesShared),
        LedgerCheck("evidence and corrections reach the organization", correctsShared),
        LedgerCheck("an organization bounds what its tenants allocate", sharesAllocation),
        LedgerCheck("a changed organization's limit holds for all its tenants", changesShared),
        LedgerCheck("of many tenants at once exactly the organization's limit passes", races),
    ]

    private static let tenants = ["a", "b"]

    /// Creates an organization with limits, and two tenants in it.
    private static func found(
        _ scenario: Scenario,
        zone: String = "UTC",
        own: [Limit] = [],
        shared: Limit...
    ) async throws -> (organization: Organization, members: [Member]) {
        var organization = Organization(
            id: OrganizationID(trusted: "org"), limits: shared, timeZone: zone,
            createdAt: scenario.clock.now)
        let answer = try await scenario.run(.putOrganization(organization))
        guard case .changed(let revision) = answer else {
            throw ConformanceFailure(
                promise: "an organization is created", seen: "\(answer)", line: #line)
        }
        organization.revision = revision
        for name in tenants {
            let tenant = Tenant(
                id: TenantID(trusted: name), organization: organization.id.text,
                createdAt: scenario.clock.now)
            try await scenario.ledger.change(.createTenant(tenant))
        }
        return (organization, tenants.map { Member($0, own, of: organization) })
    }

    private static func owner(_ organization: Organization) -> TenantID {
        AccountKey.owner(of: organization.id)
    }

    /// The one shared account that is not closed.
    private static func shared(
        _ scenario: Scenario,
        _ organization: Organization,
        line: UInt = #line
    ) async throws -> AccountRecord {
        let accounts = try await scenario.ledger.accounts(of: owner(organization))
        guard let account = accounts.first, accounts.count == 1 else {
            throw ConformanceFailure(
                promise: "one shared account", seen: "\(accounts)", line: line)
        }
        return account
    }

    private static func sharesBudget(_ scenario: Scenario) async throws {
        var scenario = scenario
        let (organization, members) = try await found(
            scenario, own: [.tokens(8, per: .month)],
            shared: .tokens(10, per: .month, scope: .organization))
        try expect(try await scenario.consume(members[0], 6), "the first takes 6")
        try await scenario.reopen()
        try expect(try await scenario.consume(members[1], 5) == false, "5 are not left")
        try expect(try await scenario.consume(members[1], 4), "4 are")
        try expect(try await scenario.consume(members[0], 1) == false, "then none is")
        try expectEqual(
            Balances(try await shared(scenario, organization).account),
            Balances(posted: 10, available: 0), "the shared account")
        for (member, used) in zip(members, [6, 4] as [Int64]) {
            try expectEqual(
                try await scenario.ledger.accounts(of: member.subject.tenant)
                    .map(\.account.posted), [used], "the account of \(member.subject.tenant)")
        }
        // A tenant of the organization's name is somebody else.
        let namesake = Subject("org", .tokens(10, per: .month))
        try await scenario.consume(namesake, 1)
        try expectEqual(try await scenario.balances(namesake).posted, 1, "a namesake's use")
        try await scenario.expectSound()
    }

    private static func refusesWhole(_ scenario: Scenario) async throws {
        let (_, members) = try await found(
            scenario, own: [.tokens(100, per: .month), .tokens(100, per: .minute)],
            shared: .tokens(10, per: .month, scope: .organization))
        try await scenario.consume(members[0], 6)
        let states = try await scenario.states(members[1])
        let batches = try await scenario.allBatches()
        let outcome = try await scenario.admit(members[1], 5)
        try expect(!outcome.isAdmitted, "it is refused")
        try expectEqual(outcome.violations.map(\.index), [2], "by the organization's limit")
        try expectEqual(outcome.violations.map(\.available), [4], "what could be taken")
        try expectEqual(try await scenario.states(members[1]), states, "the states after it")
        try expectEqual(try await scenario.allBatches(), batches, "the entries after it")
        try expect(try await scenario.events(members[1].subject).isEmpty, "no event")
    }

    private static func sharesCalendar(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T14:59:59Z")
        let (organization, members) = try await found(
            scenario, zone: "Asia/Tokyo", own: [.tokens(100, per: .day)],
            shared: .tokens(10, per: .day, scope: .organization))
        try await scenario.consume(members[0], 10)
        let today = try await shared(scenario, organization).period
        try expectEqual(
            [today.start, today.end],
            [
                try scenario.instant("2026-11-20T15:00:00Z"),
                try scenario.instant("2026-11-21T15:00:00Z"),
            ], "the organization's day")
        try expect(try await scenario.consume(members[1], 1) == false, "it is used up")
        scenario.clock.advance(by: .seconds(1))
        try expect(try await scenario.consume(members[1], 10), "its next day has begun")
        let own = try await scenario.ledger.accounts(of: members[0].subject.tenant)
        try expectEqual(
            own.map(\.period.end), [try scenario.instant("2026-11-22T00:00:00Z")],
            "the tenant's day goes on")
        try await scenario.sweep()
        let closed = try await scenario.ledger.archives(of: owner(organization), limit: 9)
        try expectEqual(closed.map(\.record.period), [today], "the day that closed")
        try await scenario.expectSound()
    }

    private static func sharesRate(_ scenario: Scenario) async throws {
        let (_, members) = try await found(
            scenario, shared: .tokens(10, per: .minute, scope: .organization))
        try expect(try await scenario.consume(members[0], 10), "the first takes all")
        try expect(try await scenario.consume(members[1], 1) == false, "the bucket is empty")
        scenario.clock.advance(by: .seconds(6))
        try expect(try await scenario.consume(members[1], 1), "one has flowed in")
        try expect(try await scenario.consume(members[0], 1) == false, "and only one")
    }

    private static func owesSharedRate(_ scenario: Scenario) async throws {
        let (_, members) = try await found(
            scenario, own: [.tokens(100, per: .month)],
            shared: .tokens(10, per: .minute, scope: .organization))
        let held = try await scenario.reserve(members[0], 10)
        try await scenario.settle(held, 20)
        scenario.clock.advance(by: .seconds(60))
        try expect(
            try await scenario.consume(members[1], 1) == false, "a minute's tokens are owed")
        scenario.clock.advance(by: .seconds(6))
        try expect(try await scenario.consume(members[1], 1), "then one flows in")
    }

    private static func settlesShared(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T14:59:00Z")
        let (organization, members) = try await found(
            scenario, zone: "Asia/Tokyo", own: [.tokens(100, per: .day)],
            shared: .tokens(50, per: .day, scope: .organization))
        let inGrace = try await scenario.reserve(members[0], 10, Hold(ttlSeconds: 7_200))
        let late = try await scenario.reserve(members[1], 20, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-11-21T15:01:00Z")
        try await scenario.settle(inGrace, 8)
        try scenario.setClock("2026-11-21T15:20:00Z")
        try await scenario.sweep()
        try await scenario.settle(late, 15)
        let closed = try await scenario.ledger.archives(of: owner(organization), limit: 9)
        try expectEqual(
            closed.map { Balances($0.record.account) },
            [Balances(posted: 8, suspect: 20, available: 22)], "the day that closed")
        let open = try await shared(scenario, organization)
        try expectEqual(
            Balances(open.account), Balances(posted: 15, available: 35), "the adjusted day")
        try expectEqual(
            open.period.end, try scenario.instant("2026-11-22T15:00:00Z"),
            "it is a day of the organization")
        for (member, used) in zip(members, [8, 15] as [Int64]) {
            try expectEqual(
                try await scenario.balances(member.subject),
                Balances(posted: used, available: 100 - used), "a tenant's day is still open")
            try expectEqual(
                try await scenario.events(member.subject).map(\.units), [used], "one event")
        }
        try await scenario.expectSound()
    }

    private static func correctsShared(_ scenario: Scenario) async throws {
        let (organization, members) = try await found(
            scenario, own: [.tokens(100, per: .month)],
            shared: .tokens(50, per: .month, scope: .organization))
        _ = try await scenario.reserve(members[0], 10)
        scenario.clock.advance(by: .seconds(60))
        try await scenario.sweep()
        let suspect = try await scenario.ledger.suspectGrants(of: nil, after: nil, limit: 9)
        try expectEqual(
            suspect.map(\.tenant), [members[0].subject.tenant, members[0].subject.tenant],
            "a shared grant is of the tenant that held it")
        try await scenario.resolve(suspect[1].grant.id, used: 4)
        try await scenario.adjust(members[1].subject, 30, id: "a_1")
        let used = try await shared(scenario, organization).account
        try expectEqual(Balances(used), Balances(posted: 34, available: 16), "shared use")
        try expectEqual(
            try await scenario.adjust(members[0].subject, -5, id: "a_2"), .tooMuch(most: 4),
            "nobody gets another's use back")
        let import1 = scenario.importing(
            members[0].subject, .aiTokens, 3, on: scenario.clock.now.date, id: "i_1")
        try await scenario.importUsage(import1)
        try expectEqual(
            try await shared(scenario, organization).account.posted, 37, "after an import")
        try await scenario.expectSound()
    }

    private static func sharesAllocation(_ scenario: Scenario) async throws {
        let (organization, members) = try await found(
            scenario, own: [.seats(8)], shared: .seats(10, scope: .organization))
        let (first, second) = (members[0].subject, members[1].subject)
        try expectEqual(try await scenario.allocate(first, .set(8)), 8, "the first takes 8")
        let batches = try await scenario.allBatches()
        try expect(try await scenario.allocate(second, .delta(3)) == nil, "3 are not left")
        try expectEqual(try await scenario.allBatches(), batches, "a refusal takes nothing")
        try expectEqual(try await scenario.allocate(second, .delta(2)), 2, "2 are")
        try expectEqual(
            try await scenario.allocate(scenario.allocation(second, .delta(-3))),
            .belowZero(held: 2), "nobody releases another's")
        try expectEqual(try await scenario.allocate(first, .set(5)), -3, "the first releases 3")
        try expectEqual(try await scenario.allocate(second, .set(5)), 3, "the second takes them")
        try expectEqual(
            Balances(try await shared(scenario, organization).account),
            Balances(posted: 10, available: 0), "the shared account")
        try await scenario.expectSound()
    }

    private static func changesShared(_ scenario: Scenario) async throws {
        var (organization, members) = try await found(
            scenario, shared: .tokens(10, per: .month, scope: .organization))
        try await scenario.consume(members[0], 10)
        organization.limits = [.tokens(15, per: .month, scope: .organization)]
        guard case .changed(let revision) = try await scenario.run(.putOrganization(organization))
        else { return try expect(false, "an organization is replaced") }
        try expect(revision > organization.revision, "its revision grows")
        organization.revision = revision
        let newer = Member("b", [], of: organization)
        try expect(try await scenario.consume(newer, 5), "the raise is there for the other")
        try expect(
            try await scenario.consume(members[0], 1) == false,
            "and does not shrink by an older limit")
        let account = try await shared(scenario, organization).account
        try expectEqual(account.capacity, 15, "the capacity")
        try await scenario.expectSound()
    }

    private static func races(_ scenario: Scenario) async throws {
        let (organization, members) = try await found(
            scenario, own: [.tokens(60, per: .month)],
            shared: .tokens(100, per: .month, scope: .organization))
        let admitted = try await withThrowingTaskGroup(of: Int64.self) { group in
            for task in 0..<32 {
                group.addTask {
                    var admitted: Int64 = 0
                    for _ in 0..<8 where try await scenario.consume(members[task % 2], 1) {
                        admitted += 1
                    }
                    return admitted
                }
            }
            return try await group.reduce(0, +)
        }
        try expectEqual(admitted, 100, "admitted of 256 for 100 units")
        try expectEqual(
            try await shared(scenario, organization).account.posted, 100, "posted")
        try await scenario.expectSound()
    }
}
