import RESPWire
import Testing

/// Tests against real servers, one at a time since they measure.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled))
struct IntegrationTests {}

/// The error that something throws.
func failure<Value>(_ body: () async throws -> Value) async -> RESPError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RESPError
    }
}

extension RedisServer {
    /// The configuration of a client of this server.
    var configuration: RedisConfiguration {
        var configuration = RedisConfiguration(
            endpoints: [RESPEndpoint(host: "127.0.0.1", port: port)])
        // So that tests do not wait long.
        configuration.reconnectWaits = Backoff.Bounds(
            first: .milliseconds(10), cap: .milliseconds(100))
        return configuration
    }
}
