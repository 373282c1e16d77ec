import WeirClient

/// What a load generator counted.
struct LoadResult: Sendable {
    var requests = 0
    var seconds = 0.0
    var latency = LatencyRecorder()
    /// The last response's head and body.
    var sample: [UInt8] = []

    var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
}
