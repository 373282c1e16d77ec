/// The random numbers of one request: the same seed and number give the same ones.
///
/// SplitMix64; source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
/// Generators" (2014).
struct MockRandom: RandomNumberGenerator {
    private var state: UInt64

    /// Begins the sequence of one request, which depends on no other request.
    init(seed: UInt64, request: UInt64) {
        state = seed
        state = next() ^ request
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
