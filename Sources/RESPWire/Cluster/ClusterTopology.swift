/// Which primary of a cluster serves which slots.
public struct ClusterTopology: Sendable, Hashable {
    /// In ``owners``, the index of no shard.
    private static let unserved = UInt16.max
    /// A cluster may have as many primaries as slots.
    private static let mostShards = RESPSlot.count

    /// The primaries, in the order of their first slots, and those without slots last.
    public private(set) var shards: [RESPShard]
    /// For each slot the index of its shard.
    private var owners: [UInt16]

    /// Creates the topology of shards that are known.
    ///
    /// Of slots that two shards have, the later shard's counts.
    public init(shards: [RESPShard]) {
        self.shards = Array(
            shards.sorted {
                ($0.slots.first?.lowerBound ?? .max) < ($1.slots.first?.lowerBound ?? .max)
            }
            .prefix(Self.mostShards))
        owners = Array(repeating: Self.unserved, count: RESPSlot.count)
        for (index, shard) in self.shards.enumerated() {
            for range in shard.slots {
                for slot in range where slot < RESPSlot.count { owners[Int(slot)] = UInt16(index) }
            }
        }
        updateRanges()
    }

    /// Reads the answer to `CLUSTER SLOTS`.
    ///
    /// - Parameters:
    ///   - reply: The answer: for each range its first and last slot, and its nodes, the primary
    ///     first, each with host, port and id.
    ///   - endpoint: Who answered; a node that does not tell its host has the same.
    /// - Throws: What of the answer is not as Redis describes it.
    public init(
        slots reply: RESPValue, from endpoint: RESPEndpoint
    ) throws(RESPProtocolError) {
        guard let ranges = reply.array else {
            throw RESPProtocolError("CLUSTER SLOTS was not answered with an array")
        }
        var found: [RESPEndpoint: RESPShard] = [:]
        for range in ranges {
            guard let parts = range.array, parts.count >= 3,
                let first = parts[0].integer.flatMap({ UInt16(exactly: $0) }),
                let last = parts[1].integer.flatMap({ UInt16(exactly: $0) }),
                first <= last, last < RESPSlot.count,
                let node = parts[2].array, node.count >= 2,
                let port = node[1].integer.flatMap({ Int(exactly: $0) }),
                (1...65_535).contains(port)
            else { throw RESPProtocolError("CLUSTER SLOTS was answered with a range of no sense") }
            var host = node[0].string ?? ""
            // A node that does not know its own name.
            if host == "?" { continue }
            if host.isEmpty { host = endpoint.host }
            let primary = RESPEndpoint(host: host, port: port)
            let id = node.count > 2 ? node[2].string ?? "" : ""
            found[primary, default: RESPShard(id: id, endpoint: primary, slots: [])]
                .slots.append(first...last)
        }
        self.init(shards: found.values.map(Self.sorted))
    }

    /// The shard that serves a slot; nil where none does.
    public func shard(of slot: RESPSlot) -> RESPShard? {
        let index = owners[Int(slot.rawValue)]
        return index == Self.unserved ? nil : shards[Int(index)]
    }

    /// Takes a slot for moved, as a redirection says, to a node that may not be known.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - endpoint: Who serves it now.
    /// - Returns: Whether that is news.
    @discardableResult
    public mutating func move(_ slot: RESPSlot, to endpoint: RESPEndpoint) -> Bool {
        guard shard(of: slot)?.endpoint != endpoint else { return false }
        let index: Int
        if let known = shards.firstIndex(where: { $0.endpoint == endpoint }) {
            index = known
        } else {
            guard shards.count < Self.mostShards else { return false }
            index = shards.count
            shards.append(RESPShard(id: "", endpoint: endpoint, slots: []))
        }
        owners[Int(slot.rawValue)] = UInt16(index)
        updateRanges()
        return true
    }

    private mutating func updateRanges() {
        for index in shards.indices { shards[index].slots = [] }
        var start = 0
        while start < owners.count {
            let owner = owners[start]
            var end = start
            while end + 1 < owners.count, owners[end + 1] == owner { end += 1 }
            if owner != Self.unserved {
                shards[Int(owner)].slots.append(UInt16(start)...UInt16(end))
            }
            start = end + 1
        }
    }

    private static func sorted(_ shard: RESPShard) -> RESPShard {
        var shard = shard
        shard.slots.sort { $0.lowerBound < $1.lowerBound }
        return shard
    }
}
