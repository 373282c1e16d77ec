import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("enforcement switched off")
struct EnforcementTests {
    private func node() async throws -> TestNode {
        var settings = NodeSettings()
        settings.isEnforced = false
        return try await TestNode(settings: settings)
    }

    @Test("everything is allowed and recorded, and each answer says so")
    func allowsAndRecords() async throws {
        let test = try await node()
        for _ in 0..<3 {
            let decision = try await test.decide(600).decision
            #expect(decision.isAllowed)
            #expect(!decision.isEnforced)
            #expect(decision.deniedBy == nil)
        }
        let usage = try await test.node.usage(of: TestNode.tenant, key: nil)
        let calls = usage.limits.first { $0.id == "tenant:api_calls/month" }
        #expect(calls?.used == 1800)
        #expect(calls?.remaining == 0)
        #expect(calls?.isExceeded == true)
        let date = test.clock.now.date
        let listed = try await test.node.usageListing(
            of: Meter.apiCalls.id, on: date, page: UsagePage(limit: 10))
        #expect(listed.rows.map(\.units) == [1800])
    }

    @Test("check allows what consume would allow")
    func check() async throws {
        let test = try await node()
        let decision = try await test.check(5000)
        #expect(decision.isAllowed)
        #expect(!decision.isEnforced)
    }

    @Test("reservations pass too, and settle")
    func reservations() async throws {
        let test = try await node()
        let outcome = try await test.decide(5000, holds: true)
        let reservation = try #require(outcome.reservation)
        #expect(!outcome.decision.isEnforced)
        let charge = Charge(meter: Meter.apiCalls.id, amount: 4000)
        let settled = try await test.node.settle(
            reservation.id, charges: [charge], tenant: nil)
        #expect(settled.settled == [charge])
        let usage = try await test.node.usage(of: TestNode.tenant, key: nil)
        #expect(usage.limits.first { $0.id == "tenant:api_calls/month" }?.used == 4000)
    }

    @Test("rates do not refuse either")
    func rates() async throws {
        let test = try await node()
        let limit = Limit(meter: Meter.apiCalls.id, window: .second, quantity: 1)
        _ = try await test.node.put(
            Plan(id: .fallback, name: "Free", weight: 1, limits: [limit]))
        for _ in 0..<5 { #expect(try await test.decide(3).decision.isAllowed) }
    }

    @Test("the answer to a suspended tenant says that limits are not enforced, too")
    func suspended() async throws {
        let test = try await node()
        _ = try await test.node.create(
            Tenant(id: TestNode.tenant, status: .suspended, createdAt: test.clock.now))
        let decision = try await test.decide(1).decision
        #expect(!decision.isEnforced)
    }

    @Test("switched on again, the limits hold with everything recorded meanwhile")
    func switchedOn() async throws {
        let test = try await node()
        _ = try await test.decide(1500)
        let enforcing = try await TestNode(on: test.memory, clock: test.clock, files: test.files)
        let decision = try await enforcing.decide(1).decision
        #expect(!decision.isAllowed)
        #expect(decision.isEnforced)
        #expect(decision.limits.first?.used == 1500)
    }
}
