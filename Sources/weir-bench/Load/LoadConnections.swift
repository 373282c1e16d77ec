import NIOCore
import NIOPosix

/// Connections of a load generator, all on one event loop.
struct LoadConnections: Sendable {
    /// Where the server listens: `http://127.0.0.1:41235`.
    let url: String
    let count: Int
    let loop: any EventLoop
    /// The time over which they are opened, one after the other; 0 for all at once.
    var rampSeconds = 0.0

    /// Opens all connections, and waits until each is done.
    ///
    /// - Parameter handler: makes the handler of a connection, on the event loop, from its number
    ///   and a promise that the handler keeps when it has nothing more to do, or fails.
    /// - Throws: why a connection could not be made, or its handler failed.
    func run(
        _ handler: @escaping @Sendable (Int, EventLoopPromise<Void>) -> any ChannelHandler
    ) async throws {
        let (host, port) = try address()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for index in 0..<count {
                tasks.addTask {
                    if rampSeconds > 0 {
                        try await Task.sleep(
                            for: .seconds(rampSeconds * Double(index) / Double(count)))
                    }
                    try await connect(host, port, index, handler)
                }
            }
            try await tasks.waitForAll()
        }
    }

    /// One connection, until it is done.
    private func connect(
        _ host: String, _ port: Int, _ index: Int,
        _ handler: @escaping @Sendable (Int, EventLoopPromise<Void>) -> any ChannelHandler
    ) async throws {
        let done = loop.makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(handler(index, done))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            done.fail(error)
            throw error
        }
        try await withTaskCancellationHandler {
            try await done.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func address() throws -> (String, Int) {
        let parts = url.dropFirst("http://".count).split(separator: ":")
        guard url.hasPrefix("http://"), parts.count == 2, let port = Int(parts[1]) else {
            throw LoadFailure("\(url) is not an address like http://127.0.0.1:8080")
        }
        return (String(parts[0]), port)
    }
}
