import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing
import UsageJournal

@Suite("holds that grow")
struct ExtendTests {
    private static let month = "tenant:ai_tokens/month"
    private static let day = "tenant:ai_tokens/day"
    private static let limits = [
        Limit(meter: StoredNode.tokens, window: .day, quantity: 100),
        Limit(meter: StoredNode.tokens, window: .month, quantity: 1_000),
    ]

    private func tokens(_ amount: Int64) -> [Charge] {
        [Charge(meter: StoredNode.tokens, amount: amount)]
    }

    private func extend(
        _ test: StoredNode,
        _ id: ReservationID,
        _ amount: Int64
    ) async throws -> Reservation? {
        let answer = try await test.node.extend(id, of: StoredNode.tenant, by: tokens(amount))
        guard case .extended(let reservation) = answer else { return nil }
        return reservation
    }

    private func expect(
        _ test: StoredNode,
        used: Int64,
        held: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await test.node.recall()
        for id in [Self.day, Self.month] {
            let limit = try await test.limit(id)
            #expect(limit?.used == used, sourceLocation: sourceLocation)
            #expect(limit?.held == held, sourceLocation: sourceLocation)
        }
    }

    @Test("hold what they held and more, and settle all of it", arguments: StoredNode.Kind.allCases)
    func grows(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 10])
        #expect(try await extend(test, held.id, 20)?.held == tokens(30))
        #expect(try await extend(test, held.id, 5)?.held == tokens(35))
        try await expect(test, used: 35, held: 35)
        let kept = try await test.node.reservation(held.id, tenant: StoredNode.tenant)
        #expect(kept.held == tokens(35))
        #expect(try await test.ledger.reservation(held.id)?.held == tokens(35))
        let ended = try await test.node.settle(held.id, charges: tokens(33), tenant: nil)
        #expect(ended.settled == tokens(33))
        try await expect(test, used: 33, held: 0)
        let events = try await test.events()
        #expect(events.map(\.units) == [33])
        #expect(events.map(\.overage) == [0])
        #expect(try await extend(test, held.id, 1) == nil)
    }

    @Test("what is beyond all of it is an overage once", arguments: StoredNode.Kind.allCases)
    func overage(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 10])
        // Others take what the leases have left, so that more comes from other leases.
        _ = try await test.decide([StoredNode.tokens: 30])
        _ = try await extend(test, held.id, 20)
        _ = try await test.node.settle(held.id, charges: tokens(37), tenant: nil)
        try await expect(test, used: 67, held: 0)
        #expect(try await test.events().map(\.overage).sorted() == [0, 7])
    }

    @Test("what a limit refuses is not taken from any", arguments: StoredNode.Kind.allCases)
    func refused(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 90])
        let answer = try await test.node.extend(held.id, of: StoredNode.tenant, by: tokens(11))
        guard case .refused(let decision) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(decision.deniedBy?.limitID == Self.day)
        #expect(decision.deniedBy?.requested == 11)
        #expect(decision.deniedBy?.available == 10)
        #expect(decision.deniedBy?.reason == .quotaExceeded)
        #expect(decision.limits.map(\.id) == [Self.day, Self.month])
        try await expect(test, used: 90, held: 90)
        #expect(try await extend(test, held.id, 10)?.held == tokens(100))
        // What was refused a moment ago is refused at once.
        let again = test.node.extendAtOnce(held.id, of: StoredNode.tenant, by: tokens(1))
        if case .extended = again { Issue.record("there is nothing left") }
        _ = try await test.node.void(held.id, tenant: nil)
        try await expect(test, used: 0, held: 0)
    }

    @Test("who is no holder of it extends nothing")
    func strangers() async throws {
        let test = try await StoredNode(.memory, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 10])
        let other = TenantID(trusted: "other")
        for id in [held.id, ReservationID(trusted: "r_none")] {
            let tenant = id == held.id ? other : StoredNode.tenant
            let answer = try await test.node.extend(id, of: tenant, by: tokens(1))
            guard case .notHeld = answer else {
                Issue.record("\(answer)")
                return
            }
        }
        let calls = [Charge(meter: StoredNode.calls, amount: 1)]
        await #expect(throws: NodeError.self) {
            _ = try await test.node.extend(held.id, of: StoredNode.tenant, by: calls)
        }
        let most = [Charge(meter: StoredNode.tokens, amount: Amount.maximum)]
        await #expect(throws: NodeError.self) {
            _ = try await test.node.extend(held.id, of: StoredNode.tenant, by: most)
        }
        test.clock.advance(by: .seconds(61))
        #expect(try await extend(test, held.id, 1) == nil)
        try await expect(test, used: 10, held: 10)
    }

    @Test("take from rates what they have not, and slow the next admission")
    func rates() async throws {
        let test = try await StoredNode(
            .memory,
            limits: Self.limits + [
                Limit(meter: StoredNode.tokens, window: .minute, quantity: 20)
            ])
        let held = try await test.hold([StoredNode.tokens: 15])
        #expect(try await extend(test, held.id, 25)?.held == tokens(40))
        // 40 of 20 are taken: 20 have to flow in before one more is there.
        #expect(try await test.decide([StoredNode.tokens: 1]).decision.isAllowed == false)
        test.clock.advance(by: .seconds(59))
        #expect(try await test.decide([StoredNode.tokens: 1]).decision.isAllowed == false)
        // What was taken already is no debt at the end.
        _ = try await test.node.settle(held.id, charges: tokens(40), tenant: nil)
        test.clock.advance(by: .seconds(5))
        #expect(try await test.decide([StoredNode.tokens: 1]).decision.isAllowed)
    }

    @Test("a limit that is new to a hold covers all of it", arguments: StoredNode.Kind.allCases)
    func newLimit(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 10])
        let week = Limit(meter: StoredNode.tokens, window: .week, quantity: 14)
        _ = try await test.node.put(
            Plan(id: .fallback, name: "Free", weight: 1, limits: Self.limits + [week]))
        #expect(try await extend(test, held.id, 5) == nil)
        #expect(try await extend(test, held.id, 4)?.held == tokens(14))
        #expect(try await test.limit("tenant:ai_tokens/week")?.held == 14)
        _ = try await test.node.settle(held.id, charges: tokens(12), tenant: nil)
        #expect(try await test.limit("tenant:ai_tokens/week")?.used == 12)
        #expect(try await test.events().map(\.overage) == [0])
    }

    @Test(
        "at the end of a day what was held counts there, and what came later on the next",
        arguments: StoredNode.Kind.allCases)
    func midnight(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let start = test.clock.now
        let tomorrow = CivilDate(daysSinceEpoch: start.date.daysSinceEpoch + 1).startUTC
        test.clock.advance(by: .nanoseconds(tomorrow.nanoseconds(since: start) - 1_000_000_000))
        let held = try await test.hold([StoredNode.tokens: 95])
        test.clock.advance(by: .seconds(2))
        #expect(try await extend(test, held.id, 90)?.held == tokens(185))
        #expect(try await test.limit(Self.day)?.held == 90)
        _ = try await test.node.settle(held.id, charges: tokens(100), tenant: nil)
        try await test.node.recall()
        #expect(try await test.limit(Self.day)?.used == 5)
        #expect(try await test.limit(Self.month)?.used == 100)
        let accounts = try await test.ledger.accounts(of: StoredNode.tenant)
        #expect(accounts.map(\.account.posted).sorted() == [5, 100])
        let archives = try await test.ledger.archives(of: StoredNode.tenant, limit: 10)
        #expect(archives.map(\.record.account.posted) == [95])
        #expect(accounts.allSatisfy { $0.account.escrowed == 0 })
    }

    @Test("after a crash the next life has what was extended", arguments: StoredNode.Kind.allCases)
    func crash(kind: StoredNode.Kind) async throws {
        for used in [0, 12, 30, 44] as [Int64] {
            let first = try await StoredNode(kind, limits: Self.limits)
            let held = try await first.hold([StoredNode.tokens: 10])
            _ = try await first.decide([StoredNode.tokens: 11])
            _ = try await extend(first, held.id, 20)
            let second = try await first.next()
            #expect(try await second.node.reservation(held.id, tenant: nil).held == tokens(30))
            try await expect(second, used: 41, held: 30)
            // Nobody extends what another life held.
            #expect(try await extend(second, held.id, 1) == nil)
            _ = try await second.node.settle(held.id, charges: tokens(used), tenant: nil)
            try await expect(second, used: 11 + used, held: 0)
            let overages = try await second.events().map(\.overage)
            #expect(overages.reduce(0, +) == max(0, used - 30))
        }
    }

    @Test(
        "time ends all of it", arguments: StoredNode.Kind.allCases, Reservation.OnExpiry.allCases)
    func expiry(kind: StoredNode.Kind, onExpiry: Reservation.OnExpiry) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await test.hold([StoredNode.tokens: 10], onExpiry: onExpiry)
        _ = try await test.decide([StoredNode.tokens: 11])
        _ = try await extend(test, held.id, 20)
        test.clock.advance(by: .seconds(61))
        _ = try await test.node.sweep()
        let limit = try await test.limit(Self.month)
        switch onExpiry {
        case .suspect: #expect(limit?.suspect == 30)
        case .post: #expect(limit?.used == 41 && limit?.suspect == 0)
        case .void: #expect(limit?.used == 11)
        }
        // True use is known later, beyond what was held.
        let ended = try? await test.node.settle(held.id, charges: tokens(33), tenant: nil)
        try await expect(test, used: onExpiry == .post ? 41 : 44, held: 0)
        #expect((ended?.settled == tokens(33)) == (onExpiry != .post))
        try await test.node.end()
    }

    @Test("what answers at once does what the others do", arguments: StoredNode.Kind.allCases)
    func atOnce(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let request = test.request(
            [StoredNode.tokens: 2],
            hold: DecisionRequest.Hold(ttlMilliseconds: 60_000, onExpiry: .void))
        #expect(test.node.holdAtOnce(request) == nil, "nothing is leased")
        let first = try await test.hold([StoredNode.tokens: 2])
        // A draw leaves some over.
        _ = try await test.decide([StoredNode.tokens: 1])
        var made: [Reservation] = []
        while let reservation = test.node.holdAtOnce(request)?.reservation {
            made.append(reservation)
        }
        #expect(made.count > 0)
        try await expect(test, used: 3 + 2 * Int64(made.count), held: 2 + 2 * Int64(made.count))
        let (id, tenant) = (made[0].id, StoredNode.tenant)
        #expect(test.node.extendAtOnce(id, of: tenant, by: tokens(3)) == nil, "all is given back")
        _ = try await extend(test, id, 3)
        while case .extended? = test.node.extendAtOnce(id, of: tenant, by: tokens(1)) {}
        let held = try await test.node.reservation(id, tenant: tenant).held[0].amount
        let ended = test.node.settleAtOnce(id, of: tenant, charges: tokens(4), note: #"{"a":1}"#)
        #expect(held >= 5 && ended?.settled == tokens(4))
        #expect(test.node.settleAtOnce(id, of: tenant, charges: [], note: nil) == nil)
        for other in made.dropFirst() + [first] {
            #expect(test.node.voidAtOnce(other.id, of: TenantID(trusted: "other")) == nil)
            #expect(test.node.voidAtOnce(other.id, of: tenant)?.state == .voided)
        }
        try await expect(test, used: 5, held: 0)
        #expect(try await test.events().last?.metadata == #"{"a":1}"#)
    }

    @Test("nothing is answered at once where the disk is waited for")
    func durable() async throws {
        let test = try await StoredNode(.memory, limits: Self.limits) {
            $0.durability = .durable
        }
        let held = try await test.hold([StoredNode.tokens: 2])
        let (id, tenant) = (held.id, StoredNode.tenant)
        #expect(try await extend(test, id, 3)?.held == tokens(5))
        #expect(test.node.extendAtOnce(id, of: tenant, by: tokens(1)) == nil)
        #expect(test.node.settleAtOnce(id, of: tenant, charges: [], note: nil) == nil)
        #expect(test.node.voidAtOnce(id, of: tenant) == nil)
        try await expect(test, used: 5, held: 5)
    }
}
