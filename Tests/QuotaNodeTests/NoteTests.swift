import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing
import UsageJournal

@Suite("what a settlement says")
struct NoteTests {
    private static let note = #"{"estimated":true,"cost_nano":1200}"#
    private static let limits = [
        Limit(meter: StoredNode.tokens, window: .month, quantity: 1_000),
        Limit(meter: StoredNode.calls, window: .month, quantity: 100),
    ]
    private static let used = [
        Charge(meter: StoredNode.tokens, amount: 7), Charge(meter: StoredNode.calls, amount: 1),
    ]

    private func node(_ kind: StoredNode.Kind) async throws -> StoredNode {
        try await StoredNode(kind, limits: Self.limits)
    }

    @Test("is kept with the events, and makes none", arguments: StoredNode.Kind.allCases)
    func kept(kind: StoredNode.Kind) async throws {
        let test = try await node(kind)
        let held = try await test.hold([StoredNode.tokens: 10, StoredNode.calls: 1])
        let ended = try await test.node.settle(
            held.id, charges: Self.used, note: Self.note, tenant: StoredNode.tenant)
        #expect(ended.settled == Self.used)
        let events = try await test.events()
        // Calls are recorded by the hour.
        #expect(events.map(\.meter) == [StoredNode.tokens])
        #expect(events.map(\.metadata) == [Self.note])
        #expect(try await test.limit("tenant:api_calls/month")?.used == 1)
    }

    @Test("stands in the hold's metadata's place", arguments: StoredNode.Kind.allCases)
    func metadata(kind: StoredNode.Kind) async throws {
        let test = try await node(kind)
        let amounts = [StoredNode.tokens: Int64(10), StoredNode.calls: 1]
        for note in [nil, Self.note] {
            let held = try await test.hold(amounts, metadata: "{}")
            _ = try await test.node.settle(
                held.id, charges: Self.used, note: note, tenant: nil)
        }
        let events = try await test.events()
        // Metadata makes events of calls, as ever.
        #expect(
            events.map(\.metadata).sorted { $0 ?? "" < $1 ?? "" }
                == [Self.note, Self.note, "{}", "{}"])
    }

    @Test("survives the process", arguments: StoredNode.Kind.allCases)
    func crash(kind: StoredNode.Kind) async throws {
        let test = try await node(kind)
        let held = try await test.hold([StoredNode.tokens: 10, StoredNode.calls: 1])
        _ = try await test.node.settle(
            held.id, charges: Self.used, note: Self.note, tenant: nil)
        let events = try await test.next().events()
        #expect(events.map(\.metadata) == [Self.note])
        #expect(events.map(\.units) == [7])
    }

    @Test("is booked by the ledger itself as well", arguments: StoredNode.Kind.allCases)
    func direct(kind: StoredNode.Kind) async throws {
        let first = try await node(kind)
        let held = try await first.hold([StoredNode.tokens: 10, StoredNode.calls: 1])
        let second = try await first.next()
        for note in [Self.note, "{}"] {
            // The first outcome stands, with what was said to it.
            _ = try await second.node.settle(
                held.id, charges: Self.used, note: note, tenant: nil)
        }
        let events = try await second.events()
        #expect(events.map(\.meter) == [StoredNode.tokens])
        #expect(events.map(\.metadata) == [Self.note])
    }

    @Test("of a life that was lost with its disk", arguments: StoredNode.Kind.allCases)
    func lost(kind: StoredNode.Kind) async throws {
        let first = try await node(kind)
        let held = try await first.hold([StoredNode.tokens: 10, StoredNode.calls: 1])
        try await first.node.fold()
        let second = try await first.next { $0.boot = BootID(high: 2, low: 2) }
        _ = try await second.node.settle(
            held.id, charges: Self.used, note: Self.note, tenant: nil)
        #expect(try await second.events().map(\.metadata) == [Self.note])
    }

    @Test("is bounded")
    func bounded() async throws {
        let test = try await node(.memory)
        let held = try await test.hold([StoredNode.tokens: 10])
        let most = ConcludeCommand.maximumNoteBytes
        let long = #"{"a":""# + String(repeating: "x", count: most - 8) + #""}"#
        await #expect(throws: NodeError.self) {
            _ = try await test.node.settle(held.id, charges: [], note: long + " ", tenant: nil)
        }
        _ = try await test.node.settle(held.id, charges: [], note: long, tenant: nil)
        #expect(try await test.events().map(\.metadata) == [long])
    }
}
