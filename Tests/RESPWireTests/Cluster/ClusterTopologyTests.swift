import RESPWire
import Testing

@Suite struct ClusterTopologyTests {
    private static let seed = RESPEndpoint(host: "seed", port: 1)

    private func slot(_ number: UInt16) throws -> RESPSlot {
        try #require(RESPSlot(rawValue: number))
    }

    private func range(_ first: Int64, _ last: Int64, _ host: RESPValue, _ id: String) -> RESPValue
    {
        .array([
            .integer(first), .integer(last), .array([host, .integer(7_000), .text(id)]),
            .array([.text("replica"), .integer(7_001), .text("r")]),
        ])
    }

    @Test("the primaries and their slots are read")
    func reading() throws {
        let reply = RESPValue.array([
            range(5_461, 10_922, .text("b"), "idb"), range(0, 5_460, .text("a"), "ida"),
            range(10_923, 10_923, .text("a"), "ida"),
        ])
        let topology = try ClusterTopology(slots: reply, from: Self.seed)
        #expect(
            topology.shards == [
                RESPShard(
                    id: "ida", endpoint: RESPEndpoint(host: "a", port: 7_000),
                    slots: [0...5_460, 10_923...10_923]),
                RESPShard(
                    id: "idb", endpoint: RESPEndpoint(host: "b", port: 7_000),
                    slots: [5_461...10_922]),
            ])
        #expect(try topology.shard(of: slot(5_460))?.id == "ida")
        #expect(try topology.shard(of: slot(5_461))?.id == "idb")
        #expect(try topology.shard(of: slot(10_923))?.id == "ida")
        #expect(try topology.shard(of: slot(10_924)) == nil)
    }

    @Test("a node without a host has the host of who answered; one unknown is left out")
    func hosts() throws {
        let reply = RESPValue.array([
            range(0, 1, .null, "a"), range(2, 3, .text(""), "a"), range(4, 5, .text("?"), "x"),
        ])
        let topology = try ClusterTopology(slots: reply, from: Self.seed)
        #expect(topology.shards.map(\.endpoint) == [RESPEndpoint(host: "seed", port: 7_000)])
        #expect(topology.shards.first?.slots == [0...3])
    }

    @Test("what makes no sense is refused")
    func nonsense() {
        for reply in [
            RESPValue.null, .array([.null]), .array([range(5, 4, .text("a"), "")]),
            .array([range(0, 16_384, .text("a"), "")]), .array([range(-1, 4, .text("a"), "")]),
            .array([.array([.integer(0), .integer(1), .array([.text("a"), .integer(0)])])]),
        ] {
            #expect(throws: RESPProtocolError.self) {
                try ClusterTopology(slots: reply, from: Self.seed)
            }
        }
    }

    @Test("a slot that moved divides a range, also to a node that was not known")
    func moves() throws {
        let one = RESPEndpoint(host: "a", port: 1)
        let other = RESPEndpoint(host: "b", port: 2)
        var topology = ClusterTopology(shards: [
            RESPShard(id: "a", endpoint: one, slots: [0...16_383])
        ])
        let isNews = try topology.move(slot(100), to: other)
        let isNewsAgain = try topology.move(slot(100), to: other)
        #expect(isNews && !isNewsAgain)
        #expect(topology.shards.map(\.slots) == [[0...99, 101...16_383], [100...100]])
        #expect(try topology.shard(of: slot(100))?.endpoint == other)
        try topology.move(slot(100), to: one)
        #expect(topology.shards.map(\.slots) == [[0...16_383], []])
    }
}
