import NIOCore
import WeirClient

/// Sends requests at a fixed rate, whether or not those before them are answered.
///
/// A latency counts from the time at which its request was to be sent, so that a server that stops
/// for a while has it counted for all who came meanwhile.
struct OpenLoopGenerator: Sendable {
    /// Where the server listens: `http://127.0.0.1:41235`.
    let url: String
    let connections: Int
    let requestsPerSecond: Int
    let loop: any EventLoop

    /// Repeats a request for some seconds, after half a second for warming up.
    func run(_ request: ByteBuffer, seconds: Double) async throws -> LoadResult {
        _ = try await measure(request, seconds: 0.5)
        return try await measure(request, seconds: seconds)
    }

    private func measure(_ request: ByteBuffer, seconds: Double) async throws -> LoadResult {
        let count = max(1, Int(seconds * Double(requestsPerSecond)))
        let interval = TimeAmount.nanoseconds(1_000_000_000 / Int64(requestsPerSecond))
        let (loop, connections) = (loop, connections)
        let schedule =
            try await loop.submit {
                let schedule = OpenLoopSchedule(
                    request, count: count, interval: interval, connections: connections,
                    loop: loop)
                return NIOLoopBound(schedule, eventLoop: loop)
            }
            .get()
        try await LoadConnections(url: url, count: connections, loop: loop)
            .run { _, done in OpenLoopHandler(schedule.value, done: done) }
        var result = try await loop.submit { schedule.value.result }.get()
        result.seconds = seconds
        return result
    }
}
