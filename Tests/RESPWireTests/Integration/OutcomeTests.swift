import NIOCore
import RESPWire
import Synchronization
import Testing

extension IntegrationTests {
    /// What a client says of a call is compared with what the server has counted.
    @Suite struct Outcomes {
        private final class Tally: Sendable {
            private let counts = Mutex((succeeded: 0, unknown: 0, isOver: false))

            var succeeded: Int { counts.withLock { $0.succeeded } }
            var unknown: Int { counts.withLock { $0.unknown } }
            var isOver: Bool { counts.withLock { $0.isOver } }

            func add(_ error: RESPError?) {
                counts.withLock { counts in
                    if error == nil { counts.succeeded += 1 }
                    if error?.isSurelyNotExecuted == false { counts.unknown += 1 }
                }
            }

            func end() { counts.withLock { $0.isOver = true } }
        }

        @Test("what is said of outcomes is true while connections are cut and stall")
        func outcomes() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.stallTimeout = .milliseconds(100)
                configuration.connectTimeout = .milliseconds(500)
                configuration.reconnectWaits.cap = .milliseconds(20)
                try await TestClient.with(configuration) { test in
                    try await test.works()
                    let tally = Tally()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<16 {
                            group.addTask { try await Self.count(test, tally) }
                        }
                        defer { tally.end() }
                        for round in 0..<40 {
                            if round.isMultiple(of: 10) {
                                server.pause()
                                try await Eventually.pause(.milliseconds(150))
                                server.resume()
                            }
                            try server.cli("CLIENT", "KILL", "TYPE", "normal")
                        }
                    }
                    try await test.works()
                    let total = try await test.send(RESPCommand("GET", "n")).integer ?? 0
                    #expect(tally.succeeded > 0 && tally.unknown > 0)
                    #expect(total >= tally.succeeded, "what succeeded was executed")
                    #expect(
                        total <= tally.succeeded + tally.unknown,
                        "what was surely not executed was not")
                }
            }
        }

        private static func count(_ test: TestClient, _ tally: Tally) async throws {
            while !tally.isOver {
                let error = await failure {
                    try await test.send(RESPCommand("INCR", "n"), timeout: .milliseconds(40))
                }
                tally.add(error)
                // Not to be too fast while there is no connection.
                if error != nil { try await Eventually.pause(.milliseconds(1)) }
            }
        }
    }
}
