import WeirClient

extension LoadResult {
    /// Adds another run of the same load.
    mutating func add(_ other: LoadResult) {
        requests += other.requests
        seconds += other.seconds
        latency.add(other.latency)
    }
}
