import NIOCore
import NIOPosix
import WeirClient

/// Sends requests over persistent connections, one in flight on each, on one thread.
struct LoadGenerator: Sendable {
    /// Where the server listens: `http://127.0.0.1:41235`.
    let url: String
    let connections: Int
    let expectedStatus: Int

    /// Repeats `requests` for some seconds, after some for warming up that are not counted.
    func run(
        _ requests: [ByteBuffer], seconds: Double, warmUp: Double = 0.3
    ) async throws -> LoadResult {
        if warmUp > 0 {
            _ = try await run(requests, seconds: warmUp, warmUp: 0)
        }
        let nanoseconds = Int64(seconds * 1_000_000_000)
        return try await load(.cycle(requests, until: .now() + .nanoseconds(nanoseconds)))
    }

    /// Sends `request(0)` up to `request(count - 1)`, each once.
    func run(
        each count: Int, _ request: @escaping @Sendable (Int) -> ByteBuffer
    ) async throws -> LoadResult {
        try await load(.each(count, request))
    }

    private func load(_ source: RequestSource) async throws -> LoadResult {
        let (host, port) = try address()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let counter =
            try await loop.submit {
                NIOLoopBound(LoadCounter(source), eventLoop: loop)
            }
            .get()
        let start = NIODeadline.now()
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<connections {
                    tasks.addTask {
                        try await connect(host, port, index, group, counter)
                    }
                }
                try await tasks.waitForAll()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let end = NIODeadline.now()
        var result = try await loop.submit { counter.value.result }.get()
        try await group.shutdownGracefully()
        try outcome.get()
        result.seconds = Double((end - start).nanoseconds) / 1e9
        return result
    }

    /// One connection, until it has nothing more to send.
    private func connect(
        _ host: String, _ port: Int, _ index: Int, _ group: MultiThreadedEventLoopGroup,
        _ counter: NIOLoopBound<LoadCounter>
    ) async throws {
        let loop = group.next()
        let done = loop.makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            LoadHandler(
                                counter.value, number: index, expectedStatus: expectedStatus,
                                done: done))
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
