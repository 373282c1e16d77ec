import Foundation
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A stand-in for an inference server that answers on a port of this process.
package final class MockBackend: Sendable {
    /// The port on which it listens.
    package let port: Int
    private let shared: MockShared
    private let listener: any Channel

    private init(port: Int, shared: MockShared, listener: any Channel) {
        self.port = port
        self.shared = shared
        self.listener = listener
    }

    /// Where it listens: `http://127.0.0.1:41235`.
    package var url: String {
        let host = shared.settings.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// What it was asked and what it generated until now.
    package var statistics: MockStatistics { shared.statistics }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - settings: what it serves, how fast, and what goes wrong.
    ///   - group: the event loops it works on.
    /// - Returns: a backend that answers.
    /// - Throws: ``MockFailure`` for settings that make no sense; what the system says about the
    ///   address.
    package static func start(
        _ settings: MockSettings,
        group: any EventLoopGroup
    ) async throws -> MockBackend {
        if let problem = settings.problem { throw MockFailure(problem) }
        let shared = MockShared(settings, wallSeconds: Int64(Date().timeIntervalSince1970))
        var pacers: [ObjectIdentifier: NIOLoopBound<MockPacer>] = [:]
        for loop in group.makeIterator() {
            pacers[ObjectIdentifier(loop)] =
                try await loop.submit {
                    NIOLoopBound(
                        MockPacer(loop: loop, tickMilliseconds: settings.tickMilliseconds),
                        eventLoop: loop)
                }
                .get()
        }
        let pacerOfLoop = pacers
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: MockLimits.writeAheadBytes / 2, high: MockLimits.writeAheadBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let pacer = pacerOfLoop[ObjectIdentifier(channel.eventLoop)] else {
                        throw MockFailure("an event loop that is not of the group")
                    }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        ByteToMessageHandler(
                            HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(MockHandler(shared, pacer.value))
                }
            }
            .bind(host: settings.host, port: settings.port).get()
        return MockBackend(
            port: listener.localAddress?.port ?? settings.port, shared: shared,
            listener: listener)
    }

    /// Stops listening and ends all connections.
    package func stop() async throws {
        try await listener.close()
        for channel in shared.openChannels {
            // It may have ended by itself.
            try? await channel.close()
        }
    }
}
