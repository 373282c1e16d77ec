package import QuotaModel

/// When a message is sent again after a failure.
///
/// Source: Standard Webhooks 1.0.0, "Deliverability and reliability": the first seven waits of its
/// example, which span most of a day, so that a receiver that is down for a night misses nothing.
/// It also asks for random jitter, so that many messages that failed together do not come back
/// together, and to heed the receiver's `Retry-After`.
package enum RetrySchedule {
    /// The wait before each attempt, in seconds; after the last attempt a message is dead.
    package static let waitsSeconds: [Int64] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000]

    /// The longest `Retry-After` that is heeded, in seconds: a day.
    package static let maximumRetryAfterSeconds: Int64 = 86_400

    /// By how much of its length, at most, jitter makes a wait longer: a tenth.
    static let jitterDivisor: Int64 = 10

    /// The instant of the next attempt.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt that failed, from 1; 0 asks for the first one.
    ///   - failedAt: when it failed.
    ///   - retryAfterSeconds: what the receiver has asked for; it can make the wait longer, never
    ///     shorter.
    ///   - jitter: 64 random bits.
    /// - Returns: the instant, or nil where that was the last attempt: the message is dead.
    package static func next(
        afterAttempt attempt: Int,
        failedAt: Timestamp,
        retryAfterSeconds: Int64? = nil,
        jitter: UInt64
    ) -> Timestamp? {
        let index = max(attempt, 0)
        guard index < waitsSeconds.count else { return nil }
        let asked = min(retryAfterSeconds ?? 0, maximumRetryAfterSeconds)
        let wait = max(waitsSeconds[index], asked) * 1_000_000_000
        let most = UInt64(wait / jitterDivisor)
        let extra = most.multipliedFullWidth(by: jitter).high
        return failedAt.adding(nanoseconds: wait).adding(nanoseconds: Int64(extra))
    }
}
