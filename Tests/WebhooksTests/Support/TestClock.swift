import QuotaModel
import Synchronization

/// A clock that a test moves by hand.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(seconds: Int64) {
        time.withLock { $0 = $0.adding(nanoseconds: seconds * 1_000_000_000) }
    }
}
