import QuotaEngine
import QuotaLedger
import QuotaModel

// Reservations whose node is silent: the first end that reaches the ledger stands.
extension LedgerCheck {
    static let takeover = [
        LedgerCheck("a reservation is its node's while that is heard of", staysWithNode),
        LedgerCheck("a silent node's reservation ends without it", endsWithoutNode),
        LedgerCheck("what a silent node says later of an end does not count", firstEndStands),
        LedgerCheck("a silent node that gave the units to others has an overage", sellsAgain),
        LedgerCheck("a silent node's reservation that is voided stays so", voidStands),
        LedgerCheck("what a silent node gives back is never what was used", givesBackLess),
        LedgerCheck("a life after a silent one counts on where it was", recovers),
        LedgerCheck("a silent node's other reservations keep what they hold", leavesOthers),
        LedgerCheck("a node whose units were used twice can be ended", endsContested),
    ]

    /// A node that leases 20 units of two limits and holds 10 of them.
    private struct Holding {
        let subject: Subject
        var node: LeasingNode
        let leases: [GrantID]
        let reservation: Reservation

        init(_ scenario: Scenario, tenant: String = "acme") async throws {
            subject = Subject(tenant, .tokens(100, per: .day), .tokens(200, per: .month))
            node = try await LeasingNode(scenario, "n.\(tenant)")
            leases = try await node.lease(scenario, subject, 20)
            reservation = subject.reservation("r_\(tenant)", 10, at: scenario.clock.now)
            try await node.fold(scenario, node.nextPart(reservations: [folded(reservation)]))
        }

        func folded(_ reservation: Reservation) -> FoldedReservation {
            FoldedReservation(
                reservation: reservation, pieces: leases.map { HeldPiece(lease: $0, units: 10) })
        }

        /// The reservation as its node has ended it.
        func ended(_ units: Int64?, byExpiry: Bool = false) -> FoldedReservation {
            var ended = reservation
            ended.state = units == nil ? (byExpiry ? .suspect : .voided) : .settled
            ended.settled = units.map { [Charge(meter: Subject.tokens, amount: $0)] } ?? []
            ended.endedByExpiry = byExpiry
            return folded(ended)
        }

        /// Folds an end of the reservation, and what others used of the leases in all.
        mutating func fold(
            _ scenario: Scenario,
            _ end: FoldedReservation?,
            others: Int64,
            used: Int64,
            overage: Int64 = 0,
            closing: Bool = false
        ) async throws {
            let mine = end?.reservation.settled.first?.amount ?? 0
            var events: [FoldedEvent] = []
            if mine > 0 {
                let event = subject.event(
                    reservation.id.text, Subject.tokens, mine, at: reservation.admittedAt)
                events.append(FoldedEvent(event: event, leases: leases))
            }
            if others > 0 {
                let event = subject.event(
                    "d_\(used)", Subject.tokens, others, at: reservation.admittedAt)
                events.append(FoldedEvent(event: event, leases: leases))
            }
            var sums: [UseSum] = []
            if !events.isEmpty {
                let key = subject.event("", Subject.tokens, 0, at: reservation.admittedAt).hour
                let sum = UsageSum(units: mine + others, postings: Int64(events.count))
                sums.append(UseSum(key: key, sum: sum, leases: leases, hasEvents: true))
            }
            try await node.fold(
                scenario,
                node.nextPart(
                    uses: leases.map {
                        LeaseUse(lease: $0, used: used, overage: overage, isClosed: closing)
                    }, sums: sums, events: events, reservations: end.map { [$0] } ?? []))
        }
    }

    private static func settle(
        _ scenario: Scenario,
        _ reservation: Reservation,
        _ units: Int64
    ) async throws -> ConcludeAnswer {
        try await scenario.conclude(
            reservation, .settle([Charge(meter: Subject.tokens, amount: units)]))
    }

    /// Fails unless both limits have these balances, and hours and events these units.
    private static func expectAll(
        _ scenario: Scenario,
        _ holding: Holding,
        _ balances: Balances,
        events units: [Int64],
        _ moment: String,
        line: UInt = #line
    ) async throws {
        var month = balances
        month.available += 100
        try expectEqual(
            try await scenario.accounts(holding.subject).map(Balances.init), [balances, month],
            "the balances \(moment)", line: line)
        let events = try await scenario.events(holding.subject).map(\.units).sorted()
        try expectEqual(events, units, "the events \(moment)", line: line)
        let hours = try await scenario.ledger.hourlyUsage(
            of: holding.subject.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(
            hours.values.map(\.units), units.isEmpty ? [] : [units.reduce(0, +)],
            "the hours \(moment)", line: line)
        try expectEqual(
            hours.values.map(\.postings), units.isEmpty ? [] : [Int64(units.count)],
            "the postings \(moment)", line: line)
        try await scenario.expectSound(moment, line: line)
    }

    private static func staysWithNode(_ scenario: Scenario) async throws {
        let holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(60))
        for event in [.settle([]), .void, .expire] as [ReservationEvent] {
            try expectEqual(
                try await scenario.conclude(holding.reservation, event),
                .heldBy(holding.node.holder), "\(event)")
        }
        scenario.clock.advance(by: .seconds(3_600))
        try expectEqual(
            try await scenario.conclude(holding.reservation, .expire),
            .heldBy(holding.node.holder), "its time is its node's affair")
        try await expectAll(
            scenario, holding, Balances(held: 20, available: 80), events: [], "of both limits")
    }

    private static func endsWithoutNode(_ first: Scenario) async throws {
        var scenario = first
        let holding = try await Holding(scenario)
        try await scenario.reopen()
        scenario.clock.advance(by: .seconds(61))
        for _ in 0..<2 {
            let answer = try await settle(scenario, holding.reservation, 6)
            guard case .done(let ended) = answer else {
                throw ConformanceFailure(promise: "an end", seen: "\(answer)", line: #line)
            }
            try expectEqual(ended.settled.map(\.amount), [6], "what is settled")
            try await scenario.reopen()
        }
        try expectEqual(
            try await scenario.conclude(holding.reservation, .void), .refused(.alreadySettled),
            "a void afterwards")
        try await expectAll(
            scenario, holding, Balances(posted: 6, suspect: 14, available: 80), events: [6],
            "when the rest waits for the node")
        try await holding.node.end(scenario, .complete)
        try await expectAll(
            scenario, holding, Balances(posted: 6, available: 94), events: [6],
            "when its journal says that nothing was used")
    }

    private static func firstEndStands(_ first: Scenario) async throws {
        var scenario = first
        for (mine, byExpiry) in [(9, false), (2, false), (14, false), (nil, false), (nil, true)]
            as [(Int64?, Bool)]
        {
            var holding = try await Holding(scenario, tenant: "t\(mine ?? -1)\(byExpiry)")
            _ = try await holding.node.draw(scenario, holding.subject)
            scenario.clock.advance(by: .seconds(61))
            _ = try await settle(scenario, holding.reservation, 6)
            try await scenario.reopen()
            let used = min(mine ?? 0, 10)
            let overage = (mine ?? 0) - used
            try await holding.fold(
                scenario, holding.ended(mine, byExpiry: byExpiry), others: 4, used: 4 + used,
                overage: overage)
            try await expectAll(
                scenario, holding, Balances(posted: 10, suspect: 10, available: 80),
                events: [4, 6], "after its own end of \(mine ?? 0)")
            try await scenario.reopen()
            try await holding.fold(
                scenario, nil, others: 3, used: 7 + used, overage: overage, closing: true)
            try await expectAll(
                scenario, holding, Balances(posted: 13, available: 87), events: [3, 4, 6],
                "at the end")
            try expectEqual(
                try await scenario.ledger.reservation(holding.reservation.id)?.settled
                    .map(\.amount), [6], "what is settled")
        }
    }

    private static func sellsAgain(_ scenario: Scenario) async throws {
        var holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(61))
        _ = try await settle(scenario, holding.reservation, 6)
        // It had voided the reservation, and used all units for others.
        try await holding.fold(
            scenario, holding.ended(nil), others: 20, used: 20, closing: true)
        try await expectAll(
            scenario, holding, Balances(posted: 26, available: 74), events: [6, 20],
            "when all that was used is booked")
    }

    private static func voidStands(_ scenario: Scenario) async throws {
        var holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(61))
        let answer = try await scenario.conclude(holding.reservation, .void)
        guard case .done(let ended) = answer else {
            throw ConformanceFailure(promise: "a void", seen: "\(answer)", line: #line)
        }
        try expectEqual(ended.state, .voided, "its state")
        try await expectAll(
            scenario, holding, Balances(suspect: 20, available: 80), events: [],
            "when its units wait for the node")
        try await holding.fold(scenario, holding.ended(9), others: 4, used: 13, closing: true)
        try await expectAll(
            scenario, holding, Balances(posted: 4, available: 96), events: [4], "at the end")
    }

    private static func givesBackLess(_ scenario: Scenario) async throws {
        let holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(61))
        _ = try await settle(scenario, holding.reservation, 6)
        let returns = holding.leases.map { LeaseReturn(lease: $0, returned: 20) }
        let answer = try await holding.node.draw(scenario, holding.subject, returns: returns)
        try expectEqual(answer, .silent(epoch: 1), "the answer to a node that was silent")
        try await expectAll(
            scenario, holding, Balances(posted: 6, available: 94), events: [6],
            "after it gave everything back")
    }

    private static func recovers(_ first: Scenario) async throws {
        var scenario = first
        var holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(61))
        _ = try await settle(scenario, holding.reservation, 6)
        try await holding.fold(scenario, holding.ended(9), others: 4, used: 13)
        try await scenario.reopen()
        let answer = try await scenario.run(
            .beginHolder(BeginHolderCommand(name: holding.node.holder.name)))
        guard case .begun(let begun) = answer, let life = begun.unended.first else {
            throw ConformanceFailure(promise: "a life", seen: "\(answer)", line: #line)
        }
        try expectEqual(life.leases.map(\.reportedUse), [13, 13], "what it had reported")
        try expectEqual(life.leases.map(\.grant.posted), [4, 4], "what counts of it")
        try expectEqual(life.reservations.count, 0, "reservations that are still its own")
        try await holding.fold(scenario, nil, others: 2, used: 15)
        try await holding.node.end(scenario, .complete)
        try await expectAll(
            scenario, holding, Balances(posted: 12, available: 88), events: [2, 4, 6],
            "at the end")
    }

    /// Another reservation of the node, of both leases.
    private static func other(
        _ scenario: Scenario,
        _ holding: Holding,
        _ units: Int64
    ) -> FoldedReservation {
        let reservation = holding.subject.reservation("r_other", units, at: scenario.clock.now)
        return FoldedReservation(
            reservation: reservation,
            pieces: holding.leases.map { HeldPiece(lease: $0, units: units) })
    }

    private static func leavesOthers(_ scenario: Scenario) async throws {
        var holding = try await Holding(scenario)
        let other = other(scenario, holding, 5)
        try await holding.node.fold(scenario, holding.node.nextPart(reservations: [other]))
        // It has voided the first, and not told yet; all but the other's units go back.
        let returns = holding.leases.map { LeaseReturn(lease: $0, returned: 15) }
        _ = try await holding.node.draw(scenario, holding.subject, returns: returns)
        scenario.clock.advance(by: .seconds(61))
        _ = try await settle(scenario, holding.reservation, 6)
        try await expectAll(
            scenario, holding, Balances(posted: 6, suspect: 5, available: 89), events: [6],
            "when the other's units wait for the node")
        try await holding.node.end(scenario, .complete)
        _ = try await settle(scenario, other.reservation, 5)
        try await expectAll(
            scenario, holding, Balances(posted: 11, available: 89), events: [5, 6], "at the end")
    }

    private static func endsContested(_ scenario: Scenario) async throws {
        var holding = try await Holding(scenario)
        scenario.clock.advance(by: .seconds(61))
        _ = try await settle(scenario, holding.reservation, 6)
        // It had voided the reservation, and holds all units for another.
        let other = other(scenario, holding, 20)
        try await holding.node.fold(
            scenario, holding.node.nextPart(reservations: [holding.ended(nil), other]))
        try await holding.node.end(scenario, .complete)
        _ = try await settle(scenario, other.reservation, 20)
        try await expectAll(
            scenario, holding, Balances(posted: 26, available: 74), events: [6, 20],
            "when all that was used is booked")
    }
}
