import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("lives of a node")
struct IncarnationTests {
    @Test("each life has an incarnation of its own, greater than the one before")
    func grows() async throws {
        let first = try await TestNode()
        var seen: [Int64] = []
        for _ in 0..<3 {
            _ = try await TestNode(on: first.memory, clock: first.clock)
            let stored = await first.memory.setting("incarnation")
            seen.append(try #require(stored.flatMap { Int64($0) }))
        }
        #expect(seen == [2, 3, 4])
    }

    @Test("a reservation's id names node and incarnation, and no two lives share one")
    func reservationIDs() async throws {
        var settings = NodeSettings()
        settings.name = "n1"
        let first = try await TestNode(settings: settings)
        let second = try await TestNode(
            settings: settings, on: first.memory, clock: first.clock)
        var ids: [String] = []
        for node in [first, second] {
            let outcome = try await node.decide(1, holds: true)
            ids.append(try #require(outcome.reservation).id.text)
        }
        #expect(ids[0].contains("n1.1."))
        #expect(ids[1].contains("n1.2."))
        let held = await first.memory.unclosedGrants(of: TestNode.tenant)
        #expect(held.count == 2)
    }

    @Test("decision ids of two lives differ, and later ones sort after earlier ones")
    func decisionIDs() async throws {
        let first = try await TestNode(seed: 1)
        let second = try await TestNode(on: first.memory, clock: first.clock, seed: 2)
        var ids: [String] = []
        for node in [first, second, first] {
            ids.append(try await node.decide(1).decision.id)
            first.clock.advance(by: .milliseconds(1))
        }
        #expect(Set(ids).count == 3)
        #expect(ids == ids.sorted())
    }

    @Test("what one life admitted the next one knows")
    func survives() async throws {
        let first = try await TestNode()
        _ = try await first.decide(1000)
        let second = try await TestNode(on: first.memory, clock: first.clock)
        #expect(try await second.decide(1).decision.isAllowed == false)
    }
}
