public import QuotaModel

/// A token bucket: `rate.quantity` tokens flow in over each window, and at most `rate.burst` lie in
/// it.
///
/// The state is what is missing to a full bucket, in parts of a token so fine that refilling never
/// rounds: a bucket of 3 tokens a second admits exactly 3 in its first second. Source: the leaky
/// bucket as a meter (J. Turner, 1986), as generalised by the ITU's generic cell rate algorithm
/// (I.371).
public struct TokenBucket: Hashable, Sendable {
    /// How fast a bucket fills and how much it holds.
    public struct Rate: Hashable, Sendable {
        /// Tokens that flow in over a window.
        public let quantity: Int64
        /// The length of a window, in nanoseconds.
        public let windowNanoseconds: Int64
        /// Tokens that the bucket holds.
        public let burst: Int64

        /// Creates a rate.
        ///
        /// - Precondition: quantity and burst are not negative, the window is not empty.
        public init(quantity: Int64, windowNanoseconds: Int64, burst: Int64) {
            precondition(quantity >= 0 && burst >= 0 && windowNanoseconds > 0)
            self.quantity = quantity
            self.windowNanoseconds = windowNanoseconds
            self.burst = burst
        }

        /// Parts of a token in the burst.
        fileprivate var burstParts: Int128 { Int128(burst) * Int128(windowNanoseconds) }
    }

    /// What is missing to a full bucket at `updatedAt`, in tokens × window nanoseconds.
    public private(set) var missing: Int128
    /// The instant `missing` is of.
    public private(set) var updatedAt: Timestamp

    /// Far below where sums of tokens would leave 128 bits.
    private static let deepestDebt: Int128 = 1 << 120

    /// A full bucket, or one as a store kept it.
    public init(missing: Int128 = 0, updatedAt: Timestamp) {
        self.missing = min(max(0, missing), Self.deepestDebt)
        self.updatedAt = updatedAt
    }

    /// Lets flow in what came since the last update; a clock that steps back adds nothing.
    public mutating func refill(_ rate: Rate, now: Timestamp) {
        guard now > updatedAt else { return }
        let elapsed = Int128(now.nanoseconds) - Int128(updatedAt.nanoseconds)
        missing = max(0, missing - elapsed * Int128(rate.quantity))
        updatedAt = now
    }

    /// The whole tokens that can be taken at the last update.
    public func available(_ rate: Rate) -> Int64 {
        let parts = rate.burstParts - missing
        return parts <= 0 ? 0 : Int64(parts / Int128(rate.windowNanoseconds))
    }

    /// Whether tokens can be taken at the last update; what ``available(_:)`` tells, without a
    /// division.
    public func has(_ tokens: Int64, _ rate: Rate) -> Bool {
        missing + Int128(tokens) * Int128(rate.windowNanoseconds) <= rate.burstParts
    }

    /// The tokens that are taken and have not flowed in again, rounded up.
    public func used(_ rate: Rate) -> Int64 {
        let window = Int128(rate.windowNanoseconds)
        return Int64(clamping: (missing + window - 1) / window)
    }

    /// Takes tokens that must be there; see ``available(_:)``.
    ///
    /// A shortage refuses only when `enforced`; otherwise the bucket goes into debt. Answers
    /// whether they were taken.
    public mutating func take(_ tokens: Int64, _ rate: Rate, enforced: Bool = true) -> Bool {
        guard !enforced || tokens <= available(rate) else { return false }
        let parts = Int128(tokens) * Int128(rate.windowNanoseconds)
        // A debt that no refill could ever pay stays what it is.
        missing = min(missing + parts, Self.deepestDebt)
        return true
    }

    /// Nanoseconds from the last update until `tokens` can be taken; nil when they never can.
    public func nanosecondsUntilAvailable(_ tokens: Int64, _ rate: Rate) -> Int64? {
        guard tokens <= rate.burst else { return nil }
        let excess = missing + Int128(tokens) * Int128(rate.windowNanoseconds) - rate.burstParts
        if excess <= 0 { return 0 }
        guard rate.quantity > 0 else { return nil }
        return Int64(clamping: (excess + Int128(rate.quantity) - 1) / Int128(rate.quantity))
    }

    /// Nanoseconds from the last update until the bucket is full; nil when it never fills.
    public func nanosecondsUntilFull(_ rate: Rate) -> Int64? {
        if missing == 0 { return 0 }
        guard rate.quantity > 0 else { return nil }
        return Int64(clamping: (missing + Int128(rate.quantity) - 1) / Int128(rate.quantity))
    }
}
