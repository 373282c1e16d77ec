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
            let next = try await TestNode(
                on: first.memory, clock: first.clock, files: first.files)
            let id = try #require(try await next.decide(1, holds: true).reservation).id.text
            seen.append(try #require(Int64(id.split(separator: ".")[1])))
        }
        #expect(seen == [2, 3, 4])
    }

    @Test("a reservation's id names node and incarnation, and no two lives share one")
    func reservationIDs() async throws {
        var settings = NodeSettings()
        settings.name = "n1"
        let first = try await TestNode(settings: settings)
        var ids = [try #require(try await first.decide(1, holds: true).reservation).id.text]
        let second = try await TestNode(
            settings: settings, on: first.memory, clock: first.clock, files: first.files)
        ids.append(try #require(try await second.decide(1, holds: true).reservation).id.text)
        #expect(ids[0].contains("n1.1."))
        #expect(ids[1].contains("n1.2."))
        let held = try await second.node.heldReservations(of: nil, after: nil, limit: 10)
        #expect(Set(held.map(\.id.text)) == Set(ids))
    }

    @Test("decision ids of two lives differ, and later ones sort after earlier ones")
    func decisionIDs() async throws {
        let first = try await TestNode(seed: 1)
        var ids = [try await first.decide(1).decision.id]
        first.clock.advance(by: .milliseconds(1))
        ids.append(try await first.decide(1).decision.id)
        first.clock.advance(by: .milliseconds(1))
        let second = try await TestNode(
            on: first.memory, clock: first.clock, files: first.files, seed: 2)
        ids.append(try await second.decide(1).decision.id)
        #expect(Set(ids).count == 3)
        #expect(ids == ids.sorted())
    }

    @Test("what one life admitted the next one knows")
    func survives() async throws {
        let first = try await TestNode()
        _ = try await first.decide(1000)
        let second = try await TestNode(on: first.memory, clock: first.clock, files: first.files)
        #expect(try await second.decide(1).decision.isAllowed == false)
    }
}
