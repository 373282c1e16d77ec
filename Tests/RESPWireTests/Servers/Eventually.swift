import NIOCore
import NIOPosix

/// Waits for what comes about by itself.
enum Eventually {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks every 5 ms whether something holds, for up to 20 s by default.
    static func holds(
        _ what: String,
        within limit: Duration = .seconds(20),
        _ condition: () async throws -> Bool
    ) async throws {
        let start = ContinuousClock.now
        while try await !condition() {
            guard ContinuousClock.now - start < limit else {
                throw Failure(description: "this did not come about within \(limit): \(what)")
            }
            try await pause(.milliseconds(5))
        }
    }

    /// Lets time pass on an event loop.
    static func pause(_ time: TimeAmount) async throws {
        try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: time) {}
            .futureResult.get()
    }
}
