import RESPWire
import Testing

extension IntegrationTests {
    @Suite struct Access {
        private static let users = [
            "user default off", "user weir on >s3cret ~weir:* +@all",
            "user narrow on >s3cret ~weir:* +get +hello",
        ]
        .flatMap { "--\($0)".split(separator: " ").map(String.init) }

        private func configuration(
            _ server: RedisServer, _ userinfo: String
        ) throws -> RedisConfiguration {
            try RedisConfiguration(url: "redis://\(userinfo)127.0.0.1:\(server.port)?name=weir-1")
        }

        /// The error of a first call.
        private func refusal(_ configuration: RedisConfiguration) async throws -> RESPError? {
            try await TestClient.with(configuration) { test in
                await failure {
                    try await test.send(RESPCommand("GET", "weir:a"), timeout: .seconds(20))
                }
            }
        }

        @Test("a user of the ACL is let in, and stays within its rights")
        func user() async throws {
            try await RedisServer.with(arguments: Self.users) { server in
                try await TestClient.with(configuration(server, "weir:s3cret@")) { test in
                    let set = RESPCommand("SET", "weir:a", "1")
                    let answer = try await test.send(set)
                    #expect(answer == .simple("OK"))
                    let name = try await test.send(RESPCommand("CLIENT", "GETNAME"))
                    #expect(name.string == "weir-1")
                    let error = await failure {
                        try await test.send(
                            RESPCommand("GET", "other"), timeout: .seconds(5))
                    }
                    #expect(error?.reply?.code == .noPermission)
                }
            }
        }

        @Test("a user who may not ask for the server's state is let in too")
        func narrow() async throws {
            try await RedisServer.with(arguments: Self.users) { server in
                let narrow = try configuration(server, "narrow:s3cret@")
                try await TestClient.with(narrow) { test in
                    let answer = try await test.send(RESPCommand("GET", "weir:a"))
                    #expect(answer == .null)
                }
            }
        }

        @Test("a server that knows no HELLO is spoken to in RESP2")
        func two() async throws {
            let arguments = ["--rename-command", "HELLO", "", "--requirepass", "s3cret"]
            try await RedisServer.with(arguments: arguments) { server in
                try await TestClient.with(configuration(server, ":s3cret@")) { test in
                    let answer = try await test.send(RESPCommand("HGETALL", "weir:a"))
                    #expect(answer == .array([]))
                    guard case .connected(let connection) = test.events.first else {
                        Issue.record("no connection was told of")
                        return
                    }
                    #expect(connection.server.protocolVersion == 2)
                    #expect(connection.server.runID?.count == 40)
                    #expect(connection.server.version.hasPrefix("7"))
                }
            }
        }

        @Test("a wrong password and none are told from each other")
        func passwords() async throws {
            try await RedisServer.with(arguments: Self.users) { server in
                let wrong = try await refusal(configuration(server, "weir:guess@"))
                #expect(wrong?.code == .unavailable)
                #expect(
                    wrong?.message
                        == "Redis at 127.0.0.1:\(server.port) refused the password (WRONGPASS)")
                #expect(wrong?.reply?.code == .wrongPassword)
                let none = try await refusal(configuration(server, ""))
                #expect(
                    none?.message == "Redis at 127.0.0.1:\(server.port) wants a password (NOAUTH)")
            }
        }
    }
}
