package import QuotaModel

/// How many retries are allowed, so that they don't become the load that breaks the backends.
///
/// Over ten seconds: a share of the requests, and a few more so that a quiet gateway may retry at
/// all. Source: Finagle's `RetryBudget` (Twitter), which the same terms describe.
package struct RetryBudget: Sendable {
    /// How many retries are allowed for a hundred requests of the last ten seconds.
    package let percent: Int64
    /// How many are allowed each second in any case.
    package let perSecond: Int64
    /// Requests first, retries second.
    private var counts = SlidingCounts()

    /// Creates a budget; what is out of range is taken to its end.
    ///
    /// - Parameters:
    ///   - percent: retries per hundred requests, 0 to 1,000.
    ///   - perSecond: retries in any case, 0 to 1,000,000.
    package init(percent: Int64 = 20, perSecond: Int64 = 3) {
        self.percent = min(max(0, percent), 1_000)
        self.perSecond = min(max(0, perSecond), 1_000_000)
    }

    /// A request came, which is no retry.
    package mutating func deposit(now: Timestamp) {
        counts.advance(to: now)
        counts.add(first: 1)
    }

    /// Takes one retry, and answers whether there was one to take.
    package mutating func withdraw(now: Timestamp) -> Bool {
        counts.advance(to: now)
        let seconds = SlidingCounts.nanoseconds / 1_000_000_000
        let allowed = counts.first * percent + perSecond * seconds * 100
        guard (counts.second + 1) * 100 <= allowed else { return false }
        counts.add(second: 1)
        return true
    }
}
