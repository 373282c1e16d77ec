import QuotaLedger
import QuotaModel
import QuotaNode
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
