import QuotaModel
import Synchronization

/// Counts bad credentials by address, so that who guesses is told to wait; good ones always pass.
final class FailureLimiter: Sendable {
    /// The failures of one address within a minute.
    private struct Failures {
        var count: Int
        var since: Timestamp
    }

    /// The most addresses that are counted; when there are more, all are forgotten.
    private static let maximumAddresses = 65_536
    private static let windowNanoseconds: Int64 = 60_000_000_000

    private let maximum: Int
    private let addresses = Mutex<[String: Failures]>([:])

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Counts a failure.
    ///
    /// - Returns: seconds until the address may fail again; nil while it may.
    func fail(_ address: String, now: Timestamp) -> Int64? {
        addresses.withLock { addresses in
            var failures = addresses[address] ?? Failures(count: 0, since: now)
            var age = now.nanoseconds(since: failures.since)
            if age >= Self.windowNanoseconds || age < 0 {
                failures = Failures(count: 0, since: now)
                age = 0
            }
            guard failures.count < maximum else {
                return (Self.windowNanoseconds - age).dividedRoundingUp(by: 1_000_000_000)
            }
            failures.count += 1
            if addresses.count >= Self.maximumAddresses, addresses[address] == nil {
                addresses.removeAll()
            }
            addresses[address] = failures
            return nil
        }
    }
}
