import Foundation
import RealServers
import WeirClient

/// Three servers on one PostgreSQL.
struct FleetServers: Sendable {
    let database: PostgresServer
    let nodes: [TestServer]

    /// Runs `body` with three servers, each on a data folder of its own.
    static func run<Value: Sendable>(
        _ body: @Sendable (FleetServers) async throws -> Value
    ) async throws -> Value {
        let database = try await PostgresServer()
        let settings = [
            "WEIR_ADMIN_TOKEN": ServerLaunch.newAdminToken(),
            "WEIR_LEDGER": database.url(),
            "WEIR_PEPPERS": "1:" + String(repeating: "5a", count: 32),
        ]
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await TestServer.run(settings: settings) { first in
                    try await TestServer.run(settings: settings) { second in
                        try await TestServer.run(settings: settings) { third in
                            try await body(
                                FleetServers(database: database, nodes: [first, second, third]))
                        }
                    }
                })
        } catch {
            result = .failure(error)
        }
        await database.remove()
        return try result.get()
    }
}
