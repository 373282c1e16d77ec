import Synchronization

/// Seeded randomness that several tasks draw from.
package final class SharedRandom: Sendable {
    private let generator: Mutex<SeededRandom>

    /// Begins a sequence.
    package init(seed: UInt64) {
        generator = Mutex(SeededRandom(seed: seed))
    }

    /// The next bits.
    package func next() -> UInt64 { generator.withLock { $0.next() } }
}
