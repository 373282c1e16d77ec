import QuotaEngine
import QuotaLedger
import QuotaModel

// Leases and the periods that they belong to.
extension LedgerCheck {
    static let leases = [
        LedgerCheck("accounts are told with the ledger's time", tellsTheTime),
        LedgerCheck("a lease of a period that is reset gets nothing of the next", resetsUnderLease),
        LedgerCheck("a lease of an archived period gets nothing more", archivesUnderLease),
        LedgerCheck("use that is folded after its period closed names it", foldsLate),
        LedgerCheck("a journal that names an unknown lease takes no effect", refusesUnknownLease),
        LedgerCheck("an event is booked once, also when a journal tells it again", booksEventOnce),
    ]

    /// Asks again for what a lease was asked for.
    private static func again(
        _ scenario: Scenario,
        _ node: LeasingNode,
        _ subject: Subject,
        _ units: Int64
    ) async throws -> DrawAnswer {
        let wants = subject.demands([Subject.tokens: units]).enumerated()
            .map { LeaseWant(demand: $1, wanted: 0, lease: node.lease(Int64($0) + 1)) }
        return try await node.draw(scenario, subject, wants)
    }

    private static func tellsTheTime(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .day), .tokens(300, per: .month))
        var node = try await LeasingNode(scenario)
        for units in [20, 1_000] as [Int64] {
            scenario.clock.advance(by: .seconds(7))
            let answer = try await node.ask(scenario, subject, [Subject.tokens: units])
            let accounts: [AccountSnapshot] =
                switch answer {
                case .granted(_, let accounts), .refused(_, let accounts, _): accounts
                default: []
                }
            try expectEqual(
                accounts.map(\.at), [scenario.clock.now, scenario.clock.now],
                "the time of each account")
        }
    }

    private static func resetsUnderLease(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        scenario.clock.advance(by: .seconds(10))
        let reset = try await scenario.reset(subject)
        guard case .done(let closed, let opened) = reset else {
            throw ConformanceFailure(promise: "a reset", seen: "\(reset)", line: #line)
        }
        try expectEqual(closed?.account.state, .closing, "what is leased still settles")
        try expectEqual(opened?.account.available, 100, "the new period is full")
        scenario.clock.advance(by: .seconds(1))
        let answer = try await again(scenario, node, subject, 20)
        guard case .granted(let grants, let accounts) = answer else {
            throw ConformanceFailure(promise: "the same lease", seen: "\(answer)", line: #line)
        }
        try expectEqual(grants.map(\.id), [lease], "the lease that was asked for")
        try expect(
            accounts.allSatisfy { $0.period.end <= $0.at }, "its period is told to be over",
            saw: "\(accounts)")
        let untouched = Balances(available: 100)
        try expectEqual(try await scenario.balances(subject), untouched, "the new period")
        try await node.giveBack(scenario, subject, lease, 4)
        try await node.use(scenario, lease, 5)
        try expectEqual(try await scenario.balances(subject), untouched, "after use")
        try await node.use(scenario, lease, 7, closing: true)
        try expectEqual(try await scenario.balances(subject), untouched, "after the close")
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 7, available: 93), "the period that was reset has all of it")
        try expectEqual(try await again(scenario, node, subject, 20), .stale, "it is over")
        try await scenario.expectSound()
    }

    private static func archivesUnderLease(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        try scenario.setClock("2026-11-22T00:15:00Z")
        _ = try await node.draw(scenario, subject)
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(suspect: 20, available: 80), "the old day")
        if case .granted(_, let accounts) = try await again(scenario, node, subject, 20) {
            try expectEqual(accounts.count, 0, "accounts to spend it in")
        }
        try await node.giveBack(scenario, subject, lease, 20)
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "the new day")
        try await node.use(scenario, lease, 0, closing: true)
        try expectEqual(try await scenario.onlyArchive(subject), archive, "a closed day stays")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "after the close")
        try await scenario.expectSound()
    }

    private static func foldsLate(_ first: Scenario) async throws {
        var scenario = first
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day), .calls(100, per: .day))
        var node = try await LeasingNode(scenario)
        let tokens = try await node.lease(scenario, subject, 20)[0]
        guard
            case .granted(let grants, _) = try await node.ask(
                scenario, subject, [Subject.calls: 5])
        else { throw ConformanceFailure(promise: "a lease", seen: "none", line: #line) }
        let calls = grants[0].id
        let admitted = scenario.clock.now
        try scenario.setClock("2026-11-22T00:15:00Z")
        _ = try await node.draw(scenario, subject)
        try await scenario.sweep()
        try await scenario.reopen()
        let event = subject.event("d_1", Subject.tokens, 12, at: admitted)
        let hour = subject.event("", Subject.calls, 0, at: admitted).hour
        let command = node.nextPart(
            uses: [
                LeaseUse(lease: tokens, used: 12, isClosed: true),
                LeaseUse(lease: calls, used: 3, isClosed: true),
            ],
            sums: [
                UseSum(
                    key: event.hour, sum: UsageSum(units: 12, postings: 1), leases: [tokens],
                    hasEvents: true),
                UseSum(
                    key: hour, sum: UsageSum(units: 3, postings: 3), leases: [calls],
                    hasEvents: false),
            ],
            events: [FoldedEvent(event: event, leases: [tokens])])
        for _ in 0..<2 { try await node.fold(scenario, command) }
        let events = try await scenario.events(subject)
        let old = try scenario.instant("2026-11-21T00:00:00Z")
        try expectEqual(events.map(\.adjusts), [old, old], "each names the old day")
        try expectEqual(events.map(\.units).sorted(), [3, 12], "one of each meter")
        try expectEqual(events.map(\.postedAt), [scenario.clock.now, scenario.clock.now], "booked")
        let hours = try await scenario.ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(
            hours,
            [
                event.hour: UsageSum(units: 12, postings: 1),
                hour: UsageSum(units: 3, postings: 1),
            ], "the hours of admission, with a posting for each event")
        try expectEqual(
            try await scenario.accounts(subject).map(\.posted), [12, 3], "on the new day")
        try await scenario.expectSound()
    }

    private static func refusesUnknownLease(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        let unknown = node.lease(77)
        let batches = try await scenario.allBatches()
        let event = subject.event("d_1", Subject.tokens, 5, at: scenario.clock.now)
        let sum = UseSum(
            key: event.hour, sum: UsageSum(units: 5, postings: 1), leases: [lease],
            hasEvents: true)
        let held = FoldedReservation(
            reservation: subject.reservation("r_1", 3, at: scenario.clock.now),
            pieces: [HeldPiece(lease: unknown, units: 3)])
        var other = node
        var third = node
        let refused = [
            node.nextPart(
                uses: [
                    LeaseUse(lease: lease, used: 5, isClosed: false),
                    LeaseUse(lease: unknown, used: 1, isClosed: true),
                ], sums: [sum], events: [FoldedEvent(event: event, leases: [lease])]),
            other.nextPart(
                uses: [LeaseUse(lease: lease, used: 5, isClosed: false)], reservations: [held]),
        ]
        for command in refused {
            let answer = try await node.answer(scenario, command)
            try expectEqual(answer, .unknownLease(unknown), "the answer")
        }
        try expectEqual(try await scenario.allBatches(), batches, "the entries")
        try expectEqual(try await scenario.events(subject), [], "the events")
        try expectEqual(
            try await scenario.ledger.reservation(held.reservation.id), nil, "the reservation")
        try await third.use(scenario, lease, 5, closing: true)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 5, available: 95),
            "the same part without it")
        try await scenario.expectSound()
    }

    private static func booksEventOnce(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let other = Subject("other", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        func part(_ event: UsageEvent, used: Int64) -> FoldCommand {
            node.nextPart(
                uses: [LeaseUse(lease: lease, used: used, isClosed: false)],
                sums: [
                    UseSum(
                        key: event.hour, sum: UsageSum(units: event.units, postings: 1),
                        leases: [lease], hasEvents: true)
                ],
                events: [FoldedEvent(event: event, leases: [lease])])
        }
        let now = scenario.clock.now
        try await node.fold(scenario, part(subject.event("d", Subject.tokens, 1, at: now), used: 1))
        // Of another meter or tenant, it is another.
        try await node.fold(scenario, part(subject.event("d", Subject.calls, 1, at: now), used: 2))
        try await node.fold(scenario, part(other.event("d", Subject.tokens, 1, at: now), used: 3))
        let batches = try await scenario.allBatches()
        let repeated = part(subject.event("d", Subject.tokens, 9, at: now), used: 12)
        var code: LedgerError.Code?
        do throws(LedgerError) {
            _ = try await scenario.ledger.commit([.fold(repeated)])
        } catch {
            code = error.code
        }
        try expectEqual(code, .invariant, "the error")
        try expectEqual(try await scenario.allBatches(), batches, "the entries")
        try expectEqual(
            try await scenario.events(subject).map(\.units), [1, 1], "the events as they were")
        try await scenario.expectSound()
    }
}

extension Subject {
    /// A posting of a meter.
    func event(_ id: String, _ meter: MeterID, _ units: Int64, at instant: Timestamp) -> UsageEvent
    {
        UsageEvent(
            tenant: tenant, id: id, meter: meter, units: units, overage: 0, key: key, model: model,
            admittedAt: instant, postedAt: instant, adjusts: nil, idempotencyKey: nil,
            metadata: metadata)
    }

    /// A reservation of tokens, as a node makes it.
    func reservation(_ id: String, _ units: Int64, at instant: Timestamp) -> Reservation {
        Reservation(
            id: ReservationID(trusted: id), tenant: tenant, key: key, model: model,
            held: [Charge(meter: Subject.tokens, amount: units)], onExpiry: .suspect,
            admittedAt: instant, expiresAt: instant.adding(nanoseconds: 3_600_000_000_000),
            metadata: metadata)
    }
}
