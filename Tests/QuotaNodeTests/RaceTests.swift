import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("races")
struct RaceTests {
    @Test("64 tasks race for 1,000 units: exactly 1,000 pass, and the rest changes nothing")
    func race() async throws {
        let test = try await TestNode()
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    var admitted = 0
                    for _ in 0..<32 where try await test.decide(1).decision.isAllowed {
                        admitted += 1
                    }
                    return admitted
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(admitted == 1000)
        let usage = try await test.node.usage(of: TestNode.tenant, key: nil)
        #expect(usage.limits.first { $0.id == "tenant:api_calls/month" }?.used == 1000)
    }

    @Test(
        "a batch that waits for one tenant keeps no other request waiting",
        .timeLimit(.minutes(15)))
    func batches() async throws {
        let test = try await TestNode()
        let slow = TenantID(trusted: "slow")
        for tenant in [TestNode.tenant, slow] {
            _ = try await test.node.create(Tenant(id: tenant, createdAt: test.clock.now))
        }
        test.ledger.beforeReadingTenants { tenant in
            // Comes while the batch has looked at its first request, and not yet at its second.
            if tenant == slow { _ = try? await test.decide(1) }
        }
        let charge = Charge(meter: Meter.apiCalls.id, amount: 1)
        let results = await test.node.decide(
            [TestNode.tenant, slow]
                .map { BatchItem(request: DecisionRequest(tenant: $0, charges: [charge])) })
        for result in results { _ = try result.get() }
        let usage = try await test.node.usage(of: TestNode.tenant, key: nil)
        #expect(usage.limits.first { $0.id == "tenant:api_calls/month" }?.used == 2)
    }

    @Test("a tenant that comes to another organization has no more of its rates than before")
    func move() async throws {
        let test = try await TestNode()
        let limits = [Window.second, .hour]
            .map { Limit(meter: Meter.apiCalls.id, window: $0, quantity: 5, burst: 5) }
        for (number, limit) in limits.enumerated() {
            let plan = PlanID(trusted: "plan-\(number)")
            _ = try await test.node.put(Plan(id: plan, name: "P", weight: 1, limits: [limit]))
            let tenant = TenantID(trusted: "tenant-\(number)")
            _ = try await test.node.create(
                Tenant(id: tenant, plan: plan, createdAt: test.clock.now))
            #expect(try await test.decide(5, tenant: tenant).decision.isAllowed)
            for organization in ["a", "b", "c", nil] {
                _ = try await test.node.updateTenant(tenant) { $0.organization = organization }
                #expect(try await !test.decide(1, tenant: tenant).decision.isAllowed)
            }
        }
    }

    @Test("many first requests of one tenant create it once")
    func creation() async throws {
        let test = try await TestNode()
        let plans = try await withThrowingTaskGroup(of: PlanID.self) { group in
            for _ in 0..<32 {
                group.addTask { try await test.decide(1).decision.plan }
            }
            return try await group.reduce(into: Set<PlanID>()) { $0.insert($1) }
        }
        #expect(plans == [.fallback])
        let tenants = await test.memory.tenants(of: nil, after: nil, limit: 10)
        #expect(tenants.map(\.id) == [TestNode.tenant])
    }
}
