import NIOCore

/// Counts what streams bring; lives on the generator's one event loop.
final class StreamCounter {
    /// What was counted until now.
    struct Figures: Sendable {
        /// Streams that were read to their end.
        var ended = 0
        /// Streams that have begun and not ended.
        var running = 0
        var bytes = 0
        /// How often something was read: with few tokens each time, the generator keeps up.
        var reads = 0
    }

    /// When no connection begins another stream.
    let deadline: NIODeadline
    var figures = Figures()

    init(until deadline: NIODeadline) {
        self.deadline = deadline
    }
}
