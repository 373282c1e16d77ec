/// How many tokens are due by when: the first at once, then so many a second.
package struct TokenPace: Sendable, Equatable {
    private let perSecond: Double
    private var start: UInt64
    private var given = 0
    private var isHeld = false

    /// Begins with the first token.
    ///
    /// - Parameters:
    ///   - perSecond: how many tokens a second; 0 for any number.
    ///   - now: a steady time in nanoseconds.
    package init(perSecond: Double, now: UInt64) {
        self.perSecond = perSecond
        start = now
    }

    /// How many tokens are due since it was last asked, at most `limit`.
    package mutating func due(now: UInt64, limit: Int) -> Int {
        guard perSecond > 0 else { return limit }
        if isHeld {
            // What was not generated meanwhile is not made up for.
            isHeld = false
            start = now
            given = 0
        }
        let count = max(0, min(limit, Self.count(from: start, to: now, perSecond) - given))
        given += count
        return count
    }

    /// Nobody reads: no token is due until ``due(now:limit:)`` is asked again.
    package mutating func hold() { isHeld = true }

    /// How many tokens there are a while after the first, with it; the pace is not 0.
    static func count(from start: UInt64, to now: UInt64, _ perSecond: Double) -> Int {
        guard now > start else { return 1 }
        let passed = Double(now - start) * perSecond / 1_000_000_000
        return 1 + (Int(exactly: min(passed, 1e15).rounded(.down)) ?? 0)
    }

    /// How long so many tokens take, in nanoseconds, at most ``MockLimits/waitSeconds``.
    static func nanoseconds(of count: Int, perSecond: Double) -> UInt64 {
        guard perSecond > 0, count > 0 else { return 0 }
        let seconds = min(MockLimits.waitSeconds, Double(count) / perSecond)
        return UInt64(exactly: (seconds * 1_000_000_000).rounded(.up)) ?? 0
    }
}
