import RESPWire
import Testing

extension IntegrationTests {
    @Suite struct Cluster {
        private func configuration(_ cluster: RedisCluster) -> RedisConfiguration {
            cluster.nodes[0].configuration
        }

        /// How often a node answered with an error.
        private func errors(_ code: String, _ node: RedisServer) throws -> Int {
            let lines = try node.cli("INFO", "errorstats").split(whereSeparator: \.isNewline)
            let line = lines.first { $0.hasPrefix("errorstat_\(code):count=") }
            return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst()) } ?? 0
        }

        @Test("each command goes to the primary of its slot, without redirections")
        func routing() async throws {
            try await RedisCluster.with { cluster in
                try await TestClient.with(configuration(cluster)) { test in
                    try await test.works()
                    let commands = (0..<300)
                        .map { RESPCommand("SET", "key:\($0)", "x", key: "key:\($0)") }
                    let results = await test.client.send(commands, timeout: .seconds(20))
                    #expect(results.allSatisfy { (try? $0.get()) == .simple("OK") })
                    let sizes = await test.client.broadcast(
                        RESPCommand("DBSIZE"), timeout: .seconds(20))
                    let counts = sizes.compactMap { try? $0.result.get().integer }
                    #expect(counts.count == 3)
                    #expect(counts.reduce(0, +) == 300)
                    for (index, node) in cluster.nodes.enumerated() {
                        #expect(try errors("MOVED", node) == 0)
                        let shard = test.client.shards[index]
                        #expect(try shard.id == cluster.id(index))
                        #expect(shard.endpoint.port == node.port)
                    }
                    let slot = RESPSlot.of("foo")
                    #expect(try test.client.shard(of: slot)?.id == cluster.id(2))
                }
            }
        }

        @Test("a slot that moves is followed: ASK while it does, MOVED afterwards")
        func movedSlot() async throws {
            try await RedisCluster.with { cluster in
                try await TestClient.with(configuration(cluster)) { test in
                    // Slot 12,182 is the third node's.
                    let slot = RESPSlot.of("foo")
                    let set = RESPCommand("SET", "foo", "1", key: "foo")
                    let get = RESPCommand("GET", "foo", key: "foo")
                    try await test.works(set)
                    try cluster.beginMove(of: slot.rawValue, from: 2, to: 0)
                    try cluster.move(key: "foo", from: 2, to: 0)
                    #expect(try await test.send(get, timeout: .seconds(5)).string == "1")
                    #expect(try errors("ASK", cluster.nodes[2]) == 1)
                    // Only this once: the map is as it was.
                    #expect(test.client.shard(of: slot)?.endpoint.port == cluster.nodes[2].port)

                    let before = test.topologyChanges
                    try cluster.endMove(of: slot.rawValue, to: 0)
                    #expect(try await test.send(get, timeout: .seconds(5)).string == "1")
                    #expect(try errors("MOVED", cluster.nodes[2]) == 1)
                    #expect(test.client.shard(of: slot)?.endpoint.port == cluster.nodes[0].port)
                    #expect(test.topologyChanges > before)
                    #expect(try await test.send(get, timeout: .seconds(5)).string == "1")
                    #expect(try errors("MOVED", cluster.nodes[2]) == 1)
                    try await Eventually.holds("the topology was asked for again") {
                        test.client.shards.allSatisfy { !$0.id.isEmpty }
                    }
                    #expect(test.client.shards.flatMap(\.slots).map(\.count).reduce(0, +) == 16_384)
                }
            }
        }

        @Test("keys divided by a move are waited for, within the deadline")
        func tryAgain() async throws {
            try await RedisCluster.with { cluster in
                try await TestClient.with(configuration(cluster)) { test in
                    let slot = RESPSlot.of("{foo}")
                    let set = RESPCommand("MSET", "{foo}a", "1", "{foo}b", "2", key: "{foo}")
                    let get = RESPCommand("MGET", "{foo}a", "{foo}b", key: "{foo}")
                    try await test.works(set)
                    try cluster.beginMove(of: slot.rawValue, from: 2, to: 0)
                    try cluster.move(key: "{foo}a", from: 2, to: 0)
                    let divided = await failure {
                        try await test.send(get, timeout: .milliseconds(100))
                    }
                    #expect(divided?.reply?.code == .tryAgain)
                    #expect(divided?.isSurelyNotExecuted == true)
                    async let values = test.send(get, timeout: .seconds(20))
                    try await Eventually.holds("some were refused") {
                        try errors("TRYAGAIN", cluster.nodes[2]) > 1
                    }
                    try cluster.move(key: "{foo}b", from: 2, to: 0)
                    #expect(try await values.array?.map(\.string) == ["1", "2"])
                }
            }
        }

        @Test("scripts are called on each node, which are told their text once")
        func scripts() async throws {
            try await RedisCluster.with { cluster in
                try await TestClient.with(configuration(cluster)) { test in
                    try await test.works()
                    let script = RESPScript("return redis.call('INCR', KEYS[1])")
                    for round in 1...2 as ClosedRange<Int64> {
                        for key in ["foo", "bar", "baz", "qux"] {
                            let reply = try await test.client.evaluate(
                                script, keys: [.string(key)], timeout: .seconds(5))
                            #expect(reply == .integer(round))
                        }
                    }
                }
            }
        }

        @Test("a node that is away fails its slots at once, and the others are served")
        func nodeAway() async throws {
            try await RedisCluster.with { cluster in
                for node in cluster.nodes {
                    try node.cli("CONFIG", "SET", "cluster-require-full-coverage", "no")
                }
                try await TestClient.with(configuration(cluster)) { test in
                    let get = RESPCommand("GET", "foo", key: "foo")
                    try await test.works(get)
                    cluster.nodes[2].kill9()
                    try await Eventually.holds("its slots fail") {
                        await failure {
                            try await test.send(get, timeout: .seconds(5))
                        } != nil
                    }
                    let other = RESPCommand("GET", "bar", key: "bar")
                    #expect(try await test.send(other, timeout: .seconds(5)) == .null)
                    try await cluster.nodes[2].restart()
                    try await test.works(get)
                }
            }
        }
    }
}
