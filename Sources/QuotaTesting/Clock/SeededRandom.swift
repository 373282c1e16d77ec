/// Seeded randomness: the same seed gives the same test on every machine.
///
/// SplitMix64; source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
/// Generators" (2014).
public struct SeededRandom: RandomNumberGenerator, Sendable, CustomStringConvertible {
    /// What the sequence began with; print it when a test fails.
    public let seed: UInt64
    private var state: UInt64

    /// Begins a sequence.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The seed.
    public var description: String { "seed \(seed)" }
}
