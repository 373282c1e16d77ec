import Foundation
import RESPWire
import Testing

extension IntegrationTests {
    @Suite struct Sentinel {
        /// Starts a sentinel that watches the master under the name `main`.
        private func sentinel(of master: RedisServer) async throws -> RedisServer {
            try await RedisServer.start(
                arguments: ["--sentinel"],
                prepare: { folder, _ in
                    let text = """
                        sentinel monitor main 127.0.0.1 \(master.port) 1
                        sentinel down-after-milliseconds main 500
                        sentinel failover-timeout main 2000

                        """
                    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/sentinel.conf"))
                    return ["\(folder)/sentinel.conf"]
                })
        }

        private func configuration(_ sentinel: RedisServer) throws -> RedisConfiguration {
            // The first of them is not there.
            let gone = try FreePort.next()
            var configuration = try RedisConfiguration(
                url: "redis+sentinel://127.0.0.1:\(gone),127.0.0.1:\(sentinel.port)/main")
            configuration.reconnectWaits = sentinel.configuration.reconnectWaits
            return configuration
        }

        private func with(
            _ body: (_ master: RedisServer, _ replica: RedisServer, _ sentinel: RedisServer)
                async throws -> Void
        ) async throws {
            let master = try await RedisServer.start()
            defer { master.stop() }
            let replica = try await RedisServer.start(
                arguments: ["--replicaof", "127.0.0.1", "\(master.port)"])
            defer { replica.stop() }
            try await Eventually.holds("the replica is in step") {
                try replica.cli("INFO", "replication").contains("master_link_status:up")
            }
            let sentinel = try await sentinel(of: master)
            defer { sentinel.stop() }
            try await Eventually.holds("the sentinel knows the replica") {
                try sentinel.cli("SENTINEL", "REPLICAS", "main").contains("\(replica.port)")
            }
            try await body(master, replica, sentinel)
        }

        /// Asks for a failover, and again when the sentinel has given it up.
        private func failOver(_ sentinel: RedisServer, to replica: RedisServer) async throws {
            var last = ContinuousClock.now - .seconds(60)
            try await Eventually.holds("the sentinel has made a failover", within: .seconds(60)) {
                let master = try sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
                if master.contains("\(replica.port)") { return true }
                if ContinuousClock.now - last > .seconds(10) {
                    try sentinel.cli("SENTINEL", "FAILOVER", "main")
                    last = .now
                }
                return false
            }
        }

        @Test("the master is found, and the next one when it is killed")
        func failover() async throws {
            try await with { master, replica, sentinel in
                try await TestClient.with(configuration(sentinel)) { test in
                    let set = RESPCommand("SET", "a", "1")
                    try await test.works(set)
                    #expect(test.client.shards.map(\.endpoint.port) == [master.port])
                    master.kill9()
                    try await test.works(set)
                    #expect(test.client.shards.map(\.endpoint.port) == [replica.port])
                    #expect(try replica.cli("GET", "a") == "1")
                }
            }
        }

        @Test("a failover in which nobody dies is followed too")
        func switchover() async throws {
            try await with { master, replica, sentinel in
                try await TestClient.with(configuration(sentinel)) { test in
                    let set = RESPCommand("SET", "a", "1")
                    try await test.works(set)
                    try await failOver(sentinel, to: replica)
                    try await Eventually.holds("the client has followed") {
                        test.client.shards.map(\.endpoint.port) == [replica.port]
                    }
                    try await test.works(set)
                    #expect(try replica.cli("GET", "a") == "1")
                }
            }
        }

        @Test("a master nobody knows is told in words")
        func unknown() async throws {
            try await with { _, _, sentinel in
                let url = "redis+sentinel://127.0.0.1:\(sentinel.port)/other"
                try await TestClient.with(RedisConfiguration(url: url)) { test in
                    let error = await failure {
                        try await test.send(RESPCommand("PING"), timeout: .seconds(20))
                    }
                    #expect(error?.code == .unavailable)
                    #expect(error?.message.contains("no sentinel knows the master 'other'") == true)
                }
            }
        }
    }
}
