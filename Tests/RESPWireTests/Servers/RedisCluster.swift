import Foundation

/// A cluster of three primaries without replicas.
struct RedisCluster {
    let nodes: [RedisServer]

    /// Runs `body` beside a cluster that serves all slots, and stops it whatever happens.
    static func with<Value>(_ body: (RedisCluster) async throws -> Value) async throws -> Value {
        var nodes: [RedisServer] = []
        defer { for node in nodes { node.stop() } }
        for _ in 0..<3 {
            let bus = try FreePort.next()
            nodes.append(
                try await RedisServer.start(arguments: [
                    "--cluster-enabled", "yes", "--cluster-port", "\(bus)",
                    "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000",
                ]))
            let bounds = [0, 5_461, 10_923, 16_384]
            let index = nodes.count - 1
            try nodes[index]
                .cli("CLUSTER", "ADDSLOTSRANGE", "\(bounds[index])", "\(bounds[index + 1] - 1)")
            // Without epochs of their own they would quarrel about slots that are moved.
            try nodes[index].cli("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
            if index > 0 {
                try nodes[0].cli("CLUSTER", "MEET", "127.0.0.1", "\(nodes[index].port)", "\(bus)")
            }
        }
        let cluster = RedisCluster(nodes: nodes)
        try await Eventually.holds("the cluster serves all slots") {
            try nodes.allSatisfy { node in
                let info = try node.cli("CLUSTER", "INFO")
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            }
        }
        return try await body(cluster)
    }

    /// The id of a node.
    func id(_ index: Int) throws -> String {
        try nodes[index].cli("CLUSTER", "MYID")
    }

    /// Begins to move a slot.
    func beginMove(of slot: UInt16, from: Int, to: Int) throws {
        try nodes[to].cli("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", id(from))
        try nodes[from].cli("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", id(to))
    }

    /// Moves a key of a slot that is being moved.
    func move(key: String, from: Int, to: Int) throws {
        try nodes[from].cli("MIGRATE", "127.0.0.1", "\(nodes[to].port)", key, "0", "5000")
    }

    /// Ends moving a slot: all nodes are told.
    func endMove(of slot: UInt16, to: Int) throws {
        let owner = try id(to)
        try nodes[to].cli("CLUSTER", "SETSLOT", "\(slot)", "NODE", owner)
        for node in nodes { try node.cli("CLUSTER", "SETSLOT", "\(slot)", "NODE", owner) }
    }
}
