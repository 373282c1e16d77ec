import NIOCore
import NIOPosix
import RESPWire
import Synchronization
import Testing

extension IntegrationTests {
    @Suite struct Subscriber {
        /// What a subscriber told.
        private final class Log: Sendable {
            private let log = Mutex<[RESPSubscriptionEvent]>([])

            var events: [RESPSubscriptionEvent] { log.withLock { $0 } }

            var messages: [String] {
                events.compactMap { event in
                    guard case .message(let channel, let payload) = event else { return nil }
                    return "\(channel)=\(String(buffer: payload))"
                }
            }

            func append(_ event: RESPSubscriptionEvent) {
                log.withLock { $0.append(event) }
            }
        }

        private func with(
            _ configuration: RedisConfiguration, _ body: (RESPSubscriber, Log) async throws -> Void
        ) async throws {
            let log = Log()
            let subscriber = try RESPSubscriber(
                configuration: configuration,
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, handler: { log.append($0) })
            subscriber.subscribe(to: "one")
            subscriber.start()
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(subscriber, log))
            } catch {
                result = .failure(error)
            }
            await subscriber.shutdown()
            try result.get()
        }

        private func publish(_ channel: String, _ text: String, _ server: RedisServer) async throws
        {
            try await Eventually.holds("\(channel) is listened to") {
                try server.cli("PUBLISH", channel, text) == "1"
            }
        }

        @Test(
            "messages come in RESP3 and RESP2, and again after the server was started anew",
            arguments: [[], ["--rename-command", "HELLO", ""]])
        func reconnection(arguments: [String]) async throws {
            try await RedisServer.with(arguments: arguments) { server in
                try await with(server.configuration) { subscriber, log in
                    try await publish("one", "a", server)
                    subscriber.subscribe(to: "two")
                    try await publish("two", "b", server)
                    try await Eventually.holds("both came") { log.messages == ["one=a", "two=b"] }
                    #expect(log.events.prefix(2) == [.subscribed(channel: "one"), .connected])
                    server.kill9()
                    try await server.restart()
                    try await publish("one", "c", server)
                    try await publish("two", "d", server)
                    try await Eventually.holds("both came") {
                        log.messages == ["one=a", "two=b", "one=c", "two=d"]
                    }
                    #expect(log.events.count { $0 == .reconnected } == 1)
                    #expect(log.events.count { $0 == .subscribed(channel: "two") } == 2)
                    subscriber.unsubscribe(from: "two")
                    try await Eventually.holds("two is not listened to") {
                        try server.cli("PUBSUB", "NUMSUB", "two").hasSuffix("0")
                    }
                }
            }
        }

        @Test("a connection that is open and dead is noticed")
        func halfOpen() async throws {
            try await RedisServer.with { server in
                var configuration = server.configuration
                configuration.keepalive = .milliseconds(100)
                configuration.stallTimeout = .milliseconds(300)
                try await with(configuration) { _, log in
                    try await publish("one", "a", server)
                    server.pause()
                    try await Eventually.holds("it was noticed") {
                        log.events.contains { event in
                            guard case .disconnected(let cause) = event else { return false }
                            return cause.message.contains("has not answered")
                        }
                    }
                    server.resume()
                    try await Eventually.holds("it listens again") {
                        log.events.contains(.reconnected)
                    }
                    try await publish("one", "b", server)
                    try await Eventually.holds("the message came") {
                        log.messages == ["one=a", "one=b"]
                    }
                }
            }
        }

        @Test("in a cluster any node delivers what is published on another")
        func cluster() async throws {
            try await RedisCluster.with { cluster in
                var configuration = cluster.nodes[0].configuration
                configuration.endpoints.append(cluster.nodes[1].configuration.endpoints[0])
                try await with(configuration) { _, log in
                    try await Eventually.holds("it listens") { log.events.contains(.connected) }
                    try await Eventually.holds("a message came") {
                        try cluster.nodes[2].cli("PUBLISH", "one", "x")
                        return log.messages.contains("one=x")
                    }
                }
            }
        }
    }
}
