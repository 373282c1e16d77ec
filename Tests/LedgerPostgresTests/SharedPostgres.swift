import RealServers
import Testing

/// The server that the tests share; each test has a schema of its own in it.
enum SharedPostgres {
    private static let server = Task { try await PostgresServer() }

    /// The server, which runs as long as the tests.
    static func started() async throws -> PostgresServer { try await server.value }

    static var isInstalled: Bool { PostgresServer.programs != nil }
}

extension Trait where Self == ConditionTrait {
    /// Needs a PostgreSQL server.
    static var needsPostgres: Self {
        .enabled(
            if: SharedPostgres.isInstalled,
            "PostgreSQL is not installed, so the ledger of a fleet is not tested")
    }
}
