import NIOCore

/// Reads streams over persistent connections, one under way on each, on one thread.
struct StreamGenerator: Sendable {
    let connections: LoadConnections
    let request: ByteBuffer
    /// What must stand in the end of each stream.
    let expected: [String]
    private let counter: NIOLoopBound<StreamCounter>

    /// Prepares streams; a connection begins another one until `seconds` from now.
    init(
        _ connections: LoadConnections, _ request: ByteBuffer, expected: [String],
        seconds: Double
    ) async throws {
        self.connections = connections
        self.request = request
        self.expected = expected
        let loop = connections.loop
        let deadline = NIODeadline.now() + .nanoseconds(Int64(seconds * 1e9))
        counter =
            try await loop.submit {
                NIOLoopBound(StreamCounter(until: deadline), eventLoop: loop)
            }
            .get()
    }

    /// Reads a stream on each connection, and further ones until time is up.
    func run() async throws {
        let (counter, request, expected) = (counter, request, expected)
        try await connections.run { _, done in
            StreamHandler(counter.value, request, expected: expected, done: done)
        }
    }

    /// What was counted until now.
    func figures() async throws -> StreamCounter.Figures {
        let counter = counter
        return try await connections.loop.submit { counter.value.figures }.get()
    }
}
