import NIOCore
import NIOPosix
import RESPWire
import Testing

extension IntegrationTests {
    @Suite struct Faults {
        private static let sleeper = RESPCommand("BLPOP", "nothing", "10", key: "nothing")

        @Test("a server killed and started again is connected to again")
        func restart() async throws {
            try await RedisServer.with { server in
                try await TestClient.with(server.configuration) { test in
                    try await test.works()
                    // Its answer does not come before the end.
                    async let unknown = failure {
                        try await test.send(Self.sleeper, timeout: .seconds(20))
                    }
                    try await Eventually.holds("the call is under way") {
                        try server.cli("INFO", "clients").contains("blocked_clients:1")
                    }
                    server.kill9()
                    let lost = await unknown
                    #expect(lost?.code == .outcomeUnknown, "\(String(describing: lost))")
                    #expect(lost?.isSurelyNotExecuted == false)

                    let start = ContinuousClock.now
                    let down = await failure {
                        try await test.send(RESPCommand("PING"), timeout: .seconds(20))
                    }
                    #expect(down?.code == .unavailable)
                    #expect(down?.message.contains("\(server.port)") == true)
                    #expect(ContinuousClock.now - start < .seconds(10), "it fails at once")

                    try await server.restart()
                    try await test.works()
                    #expect(test.generations == [1, 2])
                }
            }
        }

        @Test("where no server is, the first call waits for the refusal and no longer")
        func nobody() async throws {
            let port = try FreePort.next()
            let configuration = RedisConfiguration(
                endpoints: [RESPEndpoint(host: "127.0.0.1", port: port)])
            try await TestClient.with(configuration) { test in
                let start = ContinuousClock.now
                let error = await failure {
                    try await test.send(RESPCommand("PING"), timeout: .seconds(20))
                }
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("127.0.0.1:\(port)") == true)
                #expect(ContinuousClock.now - start < .seconds(10))
            }
        }

        @Test("deadlines hold while a server does not move; it is left, and found again")
        func paused() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.stallTimeout = .milliseconds(400)
                configuration.connectTimeout = .milliseconds(400)
                try await TestClient.with(configuration) { test in
                    try await test.works()
                    server.pause()
                    let start = ContinuousClock.now
                    let late = await failure {
                        try await test.send(RESPCommand("PING"), timeout: .milliseconds(20))
                    }
                    let wait = ContinuousClock.now - start
                    #expect(late?.code == .outcomeUnknown)
                    #expect(wait >= .milliseconds(20))
                    // 25 to 40 ms on a machine at rest.
                    #expect(wait < .milliseconds(250), "\(wait)")
                    try await Eventually.holds("the connection was given up") {
                        test.events.contains { event in
                            guard case .disconnected(_, let cause) = event else { return false }
                            return cause.message.contains("has not answered")
                        }
                    }
                    server.resume()
                    try await test.works()
                    #expect(test.generations.count >= 2)
                }
            }
        }

        @Test("a task that is cancelled stops waiting, and others go on")
        func cancellation() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.stallTimeout = .seconds(60)
                try await TestClient.with(configuration) { test in
                    let task = Task {
                        await failure {
                            try await test.send(Self.sleeper, timeout: .seconds(50))
                        }
                    }
                    try await Eventually.holds("the call is under way") {
                        try server.cli("INFO", "clients").contains("blocked_clients:1")
                    }
                    async let other = test.send(
                        RESPCommand("ECHO", "x"), timeout: .seconds(50))
                    task.cancel()
                    #expect(await task.value?.code == .outcomeUnknown)
                    try server.cli("RPUSH", "nothing", "late")
                    // The answer to the cancelled call is not taken for this one's.
                    #expect(try await other.string == "x")

                    let early = Task {
                        withUnsafeCurrentTask { $0?.cancel() }
                        return await failure {
                            try await test.send(RESPCommand("PING"), timeout: .seconds(50))
                        }
                    }
                    #expect(await early.value?.code == .notSent)
                }
            }
        }

        @Test("beyond the bound calls are refused at once")
        func overload() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.maximumCallsInFlight = 10
                try await TestClient.with(configuration) { test in
                    try await test.works()
                    let commands = (0..<15).map { RESPCommand("ECHO", .integer($0)) }
                    let results = await test.client.send(commands, timeout: .seconds(20))
                    let refused = results.compactMap { result in
                        if case .failure(let error) = result { error.code } else { nil }
                    }
                    #expect(refused == Array(repeating: .overloaded, count: 5))
                }
            }
        }

        @Test("what a client closes leaves nothing behind, whatever it was doing")
        func shutdownAtAnyTime() async throws {
            try await RedisServer.with { server in
                for _ in 0..<20 {
                    try await TestClient.with(server.configuration) { test in
                        test.client.send(RESPCommand("PING"), timeout: .seconds(5)) { _ in }
                    }
                }
                try await Eventually.holds("the server has no connection of ours") {
                    try server.cli("CLIENT", "LIST").split(separator: "\n").count == 1
                }
            }
        }
    }
}
