import NIOCore
import RESPWire
import Synchronization
import Testing

extension IntegrationTests {
    @Suite struct Standalone {
        @Test("a value is written and read, and the server is known")
        func roundTrip() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    let set = try await test.send(
                        RESPCommand("SET", "a", "1"), timeout: .seconds(5))
                    #expect(set == .simple("OK"))
                    let get = try await test.send(
                        RESPCommand("GET", "a"), timeout: .seconds(5))
                    #expect(get.string == "1")
                    guard case .connected(let connection) = test.events.first else {
                        Issue.record("no connection was told of")
                        return
                    }
                    #expect(connection.generation == 1)
                    #expect(connection.server.isMaster)
                    #expect(connection.server.mode == .standalone)
                    #expect(connection.server.runID?.count == 40)
                    #expect(connection.server.version.hasPrefix("7"))
                    #expect(test.client.shards.map(\.id) == [connection.server.runID])
                }
            }
        }

        @Test("10,000 calls together are answered in their order")
        func pipeline() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    let commands = (0..<10_000).map { RESPCommand("ECHO", .integer($0)) }
                    let results = await test.client.send(commands, timeout: .seconds(30))
                    let numbers = results.map { try? $0.get().integer }
                    #expect(numbers == (0..<10_000).map { $0 })
                }
            }
        }

        @Test("calls of many tasks get their own answers")
        func tasks() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    await withTaskGroup(of: Bool.self) { group in
                        for number in 0..<500 as Range<Int64> {
                            group.addTask {
                                let command = RESPCommand("ECHO", .integer(number))
                                let reply = try? await test.client.send(
                                    command, timeout: .seconds(20))
                                return reply?.integer == number
                            }
                        }
                        for await isRight in group { #expect(isRight) }
                    }
                }
            }
        }

        @Test("a script is sent by its text once, and by its hash afterwards")
        func scripts() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    let script = RESPScript("return {KEYS[1], ARGV[1]}")
                    for round in 0..<3 {
                        if round == 2 { try server.cli("SCRIPT", "FLUSH") }
                        let reply = try await test.client.evaluate(
                            script, keys: ["k"], arguments: [7], timeout: .seconds(5))
                        #expect(reply.array?.map(\.string) == ["k", "7"])
                    }
                    let info = try server.cli("INFO", "commandstats")
                    #expect(info.contains("cmdstat_eval:calls=2,"))
                    #expect(info.contains("cmdstat_evalsha:calls=3,"))
                }
            }
        }

        @Test("an error of the server is told with its code")
        func errors() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    let set = RESPCommand("SET", "a", "text")
                    _ = try await test.send(set, timeout: .seconds(5))
                    let error = await failure {
                        try await test.send(
                            RESPCommand("LPUSH", "a", "1"), timeout: .seconds(5))
                    }
                    #expect(error?.code == .refused)
                    #expect(error?.reply?.code == .wrongType)
                    #expect(error?.isSurelyNotExecuted == false)
                }
            }
        }

        @Test("a callback is called on its own, without a task")
        func callback() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    let answers = Mutex<[RESPValue?]>([])
                    test.client.send(RESPCommand("PING"), timeout: .seconds(5)) { result in
                        answers.withLock { $0.append(try? result.get()) }
                    }
                    try await Eventually.holds("an answer") {
                        answers.withLock { $0.count } == 1
                    }
                    #expect(answers.withLock { $0 } == [.simple("PONG")])
                }
            }
        }

        @Test("a database is selected")
        func database() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.database = 3
                try await TestClient.with(configuration) { test in
                    let set = RESPCommand("SET", "a", "1")
                    _ = try await test.send(set, timeout: .seconds(5))
                    #expect(try server.cli("-n", "3", "GET", "a") == "1")
                }
            }
        }

        @Test("run returns when the client is shut down, or its task is cancelled")
        func life() async throws {
            try await RedisServer.with { server in
                let one = try TestClient(server.configuration)
                async let running: Void = one.client.run()
                try await one.works()
                await one.client.shutdown()
                await running
                let late = await failure {
                    try await one.send(RESPCommand("PING"), timeout: .seconds(5))
                }
                #expect(late?.code == .unavailable)

                let other = try TestClient(server.configuration)
                let task = Task { await other.client.run() }
                try await other.works()
                task.cancel()
                await task.value
                try await Eventually.holds("the server has no connection of ours") {
                    try server.cli("CLIENT", "LIST").split(separator: "\n").count == 1
                }
            }
        }
    }
}
