import NIOCore
import NIOPosix
import WeirClient

/// Sends requests over persistent connections, one in flight on each, on one thread.
struct LoadGenerator: Sendable {
    /// Where the server listens: `http://127.0.0.1:41235`.
    let url: String
    let connections: Int
    let expectedStatus: Int
    /// Where it runs; nil for a thread of its own.
    var loop: (any EventLoop)?

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
        guard let loop else {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let result: Result<LoadResult, any Error>
            do {
                result = .success(try await load(source, on: group.next()))
            } catch {
                result = .failure(error)
            }
            try await group.shutdownGracefully()
            return try result.get()
        }
        return try await load(source, on: loop)
    }

    private func load(
        _ source: RequestSource, on loop: any EventLoop
    ) async throws -> LoadResult {
        let expectedStatus = expectedStatus
        let counter =
            try await loop.submit {
                NIOLoopBound(LoadCounter(source), eventLoop: loop)
            }
            .get()
        let start = NIODeadline.now()
        try await LoadConnections(url: url, count: connections, loop: loop)
            .run { index, done in
                LoadHandler(
                    counter.value, number: index, expectedStatus: expectedStatus, done: done)
            }
        let end = NIODeadline.now()
        var result = try await loop.submit { counter.value.result }.get()
        result.seconds = Double((end - start).nanoseconds) / 1e9
        return result
    }
}
