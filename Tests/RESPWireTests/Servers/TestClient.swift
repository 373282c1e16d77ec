import NIOPosix
import RESPWire

/// A client of a test, and what it told of its connections.
final class TestClient: Sendable {
    let client: RESPClient
    private let log: EventLog

    init(_ configuration: RedisConfiguration) throws {
        let log = EventLog()
        self.log = log
        client = try RESPClient(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            events: { log.append($0) })
    }

    var events: [RESPEvent] { log.events }

    var generations: [UInt64] {
        events.compactMap { event in
            if case .connected(let connection) = event { connection.generation } else { nil }
        }
    }

    var topologyChanges: Int {
        events.count { if case .topologyChanged = $0 { true } else { false } }
    }

    /// Runs `body` with a client that is started, and shuts it down whatever happens.
    static func with<Value>(
        _ configuration: RedisConfiguration, _ body: (TestClient) async throws -> Value
    ) async throws -> Value {
        let test = try TestClient(configuration)
        test.client.start()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(test))
        } catch {
            result = .failure(error)
        }
        await test.client.shutdown()
        return try result.get()
    }

    /// Sends a command, with errors of any type as `#expect` wants them.
    func send(
        _ command: RESPCommand, timeout: Duration = .seconds(5)
    ) async throws -> RESPValue {
        try await client.send(command, timeout: timeout)
    }

    /// Waits until a command succeeds.
    func works(_ command: RESPCommand = RESPCommand("PING", key: "any")) async throws {
        try await Eventually.holds("a command succeeds") {
            (try? await client.send(command, timeout: .seconds(2))) != nil
        }
    }
}
