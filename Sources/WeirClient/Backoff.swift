/// Waits that double up to a cap, with jitter, so that many clients do not come back at once.
///
/// A value only: the caller brings the randomness and does the waiting.
package struct Backoff: Sendable {
    private static let first = Duration.milliseconds(10)
    private static let cap = Duration.seconds(1)

    private var ceiling = Self.first

    /// Creates the waits for one request.
    package init() {}

    /// The next wait: between half and all of a ceiling that doubles from 10 ms to 1 s, as
    /// `jitter` goes from 0 to 1.
    package mutating func next(jitter: Double) -> Duration {
        let wait = ceiling * (0.5 + jitter / 2)
        ceiling = min(ceiling * 2, Self.cap)
        return wait
    }
}
