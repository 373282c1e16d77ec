/// Waits before trying again, each drawn between nothing and a ceiling that doubles.
///
/// This is the "full jitter" of Marc Brooker's "Exponential Backoff And Jitter" (AWS Architecture
/// Blog, 2015). A value only: the caller brings the randomness and does the waiting.
public struct Backoff: Sendable, Hashable {
    /// The least and the greatest ceiling.
    public struct Bounds: Sendable, Hashable {
        /// The ceiling of the first wait.
        public var first: Duration
        /// The ceiling that is not exceeded.
        public var cap: Duration

        /// Creates bounds.
        ///
        /// - Parameters:
        ///   - first: The ceiling of the first wait.
        ///   - cap: The ceiling that is not exceeded.
        public init(first: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
            self.first = first
            self.cap = cap
        }
    }

    /// No wait is shorter, so that an unlucky draw does not make a busy loop.
    public static let least = Duration.milliseconds(1)

    /// The least and the greatest ceiling.
    public let bounds: Bounds
    /// The ceiling of the next wait.
    private var ceiling: Duration

    /// Creates waits, the first of which is yet to come.
    public init(_ bounds: Bounds = Bounds()) {
        self.bounds = bounds
        ceiling = min(bounds.first, bounds.cap)
    }

    /// The next wait.
    ///
    /// - Parameter random: A number from 0 to 1.
    /// - Returns: That part of the ceiling, at least ``least``.
    public mutating func next(random: Double) -> Duration {
        let wait = ceiling * min(max(random, 0), 1)
        ceiling = min(ceiling * 2, bounds.cap)
        return max(wait, Self.least)
    }

    /// Begins again with the first ceiling.
    public mutating func reset() {
        self = Backoff(bounds)
    }
}
