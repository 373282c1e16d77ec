import QuotaEngine
import QuotaLedger
import QuotaModel

// Leases of which nobody knows what was used.
extension LedgerCheck {
    static let suspects = [
        LedgerCheck("suspect leases are listed among suspect grants, page by page", listsLeases),
        LedgerCheck("proven use of a lost lease posts, and counts as usage once", resolvesLease),
        LedgerCheck("a lease of a node that may still report is not resolved", leavesLive),
        LedgerCheck("a lost lease is resolved after its period closed", resolvesLate),
        LedgerCheck("a lost lease is resolved around what reservations hold", resolvesAround),
    ]

    private static func listsLeases(_ first: Scenario) async throws {
        var scenario = first
        let subjects = ["a", "b"].map { Subject($0, .tokens(1_000, per: .month)) }
        var expected: [(id: GrantID, tenant: TenantID, units: Int64, state: String)] = []
        for name in ["n1", "n2", "n10"] {
            var node = try await LeasingNode(scenario, name)
            for subject in subjects {
                let lease = try await node.lease(scenario, subject, 20)[0]
                try await node.use(scenario, lease, 3)
                // What is used up has nothing that could be found out.
                let spent = try await node.lease(scenario, subject, 5)[0]
                try await node.use(scenario, spent, 50)
                let state = name == "n1" ? "ended" : "live"
                expected.append((lease, subject.tenant, 17, state))
            }
            if name == "n1" { try await node.end(scenario, .incomplete) }
        }
        for subject in subjects {
            let held = try await scenario.reserve(subject, 7)
            let grant = try await scenario.grants(held)[0]
            expected.append((grant, subject.tenant, 7, held.id.text))
        }
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        try await scenario.reopen()
        let ledger = scenario.ledger
        expected.sort { left, right in
            (ExactString(left.id.holder), left.id.incarnation, left.id.sequence)
                < (ExactString(right.id.holder), right.id.incarnation, right.id.sequence)
        }
        for tenant in [nil, subjects[1].tenant, TenantID(trusted: "c")] {
            let wanted = expected.filter { tenant == nil || $0.tenant == tenant }
            try await expectPages(
                wanted.map { "\($0.id.text) \($0.tenant) \($0.units) \($0.state)" },
                "suspects of \(tenant?.text ?? "all")"
            ) { after, limit in
                let place = after.flatMap { GrantID(String($0.prefix { $0 != " " })) }
                let page = try await ledger.suspectGrants(of: tenant, after: place, limit: limit)
                return page.map { suspect in
                    let state =
                        switch suspect.holding {
                        case .reservation(let id): id.text
                        case .node(_, let state): state.rawValue
                        }
                    return "\(suspect.grant.id.text) \(suspect.tenant) \(suspect.grant.rest) "
                        + state
                }
            }
        }
        let count = try await ledger.statistics().suspectGrants
        try expectEqual(count, expected.count, "how many there are")
        try await scenario.expectSound()
    }

    /// The units of events, and of hours.
    private static func usage(
        _ scenario: Scenario,
        _ subject: Subject
    ) async throws -> (events: [Int64], hours: Int64) {
        let hours = try await scenario.ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        return (
            try await scenario.events(subject).map(\.units),
            hours.values.reduce(0) { $0 + $1.units }
        )
    }

    private static func resolvesLease(_ first: Scenario) async throws {
        var scenario = first
        for longestFirst in [true, false] {
            let subject = Subject(
                "t\(longestFirst)", .tokens(100, per: .day), .tokens(nil, per: .month))
            var node = try await LeasingNode(scenario, "n\(longestFirst)")
            let leases = try await node.lease(scenario, subject, 20)
            try await node.use(scenario, leases[0], 3)
            try await node.use(scenario, leases[1], 3)
            try await node.end(scenario, .incomplete)
            try await scenario.reopen()
            for lease in longestFirst ? leases.reversed() : leases {
                for round in 0..<2 {
                    let answer = try await scenario.resolve(lease, used: 8)
                    guard round == 0 else {
                        try expectEqual(answer, .refused(.notExpired), "a repeat")
                        continue
                    }
                    guard case .leaseResolved(let resolved) = answer else {
                        throw ConformanceFailure(
                            promise: "a lost lease is resolved", seen: "\(answer)", line: #line)
                    }
                    try expectEqual(resolved.grant.state, .closed, "its state")
                    try expectEqual(resolved.grant.posted, 8, "what was used of it")
                    try expectEqual(resolved.tenant, subject.tenant, "whose it was")
                }
            }
            let accounts = try await scenario.accounts(subject)
            try expectEqual(accounts.map(\.posted), [8, 8], "posted on both limits")
            try expectEqual(accounts.map(\.used), [8, 8], "nothing is out")
            let (events, hours) = try await usage(scenario, subject)
            try expectEqual(events, [5], "what was found out, as one event")
            try expectEqual(hours, 5, "and in one hour")
        }
        try await scenario.expectSound()
    }

    private static func leavesLive(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        try expectEqual(
            try await scenario.resolve(lease, used: 1), .refused(.notExpired), "an open one")
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        try expectEqual(
            try await scenario.resolve(lease, used: 1), .heldBy(node.holder), "a silent one's")
        try await node.end(scenario, .incomplete)
        for used in [-1, Int64.min] {
            try expectEqual(
                try await scenario.resolve(lease, used: used), .outOfRange, "\(used) units")
        }
        try expectEqual(
            try await scenario.balances(subject), Balances(suspect: 20, available: 80), "nothing")
        _ = try await scenario.resolve(lease, used: 0)
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "when it is over")
        try expectEqual(try await usage(scenario, subject).events, [], "nothing was used")
        try await scenario.expectSound()
    }

    private static func resolvesLate(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        try await node.end(scenario, .incomplete)
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        _ = try await scenario.resolve(lease, used: 6)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 6, available: 94),
            "the new day has it")
        try expectEqual(try await scenario.onlyArchive(subject), archive, "a closed day stays")
        let events = try await scenario.events(subject)
        try expectEqual(events.map(\.units), [6], "one event")
        try expectEqual(
            events.map(\.adjusts), [archive.record.period.start], "it names the old day")
        try await scenario.expectSound()
    }

    private static func resolvesAround(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        let held = try await node.hold(scenario, subject, 8, of: lease)
        try await node.end(scenario, .incomplete)
        for (used, posted) in [(5, 5), (5, 5), (9, 9)] as [(Int64, Int64)] {
            _ = try await scenario.resolve(lease, used: used)
            let account = try await scenario.balances(subject)
            try expectEqual(account.posted, posted, "posted when \(used) were used in all")
            try expectEqual(account.suspect, 8, "what is held waits")
        }
        try await scenario.settle(held, 2)
        let (events, hours) = try await usage(scenario, subject)
        try expectEqual(events.sorted(), [2, 4, 5], "each word has its event")
        try expectEqual(hours, 11, "and the hour has all of them")
        try await scenario.expectSound()
    }
}
