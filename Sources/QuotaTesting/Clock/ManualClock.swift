public import QuotaModel
import Synchronization

/// A clock that moves only when a test says so.
///
/// Hand ``read`` to whatever asks for the time. Source: the manual clocks of swift-nio's
/// `EmbeddedEventLoop` and of hummingbird's `MockClock`.
public final class ManualClock: Sendable {
    private let instant: Mutex<Timestamp>

    /// Creates a clock; the default is a Saturday morning, far from every boundary.
    public init(_ start: Timestamp = Timestamp(seconds: 1_795_255_200)) {
        instant = Mutex(start)
    }

    /// The instant that the clock shows.
    public var now: Timestamp { instant.withLock { $0 } }

    /// The clock as a function.
    public var read: @Sendable () -> Timestamp {
        { self.now }
    }

    /// Moves the clock on, or back by a negative duration.
    public func advance(by duration: Duration) {
        let parts = duration.components
        let whole = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        precondition(!whole.overflow, "a test clock can't be moved by more than 292 years")
        advance(nanoseconds: whole.partialValue + parts.attoseconds / 1_000_000_000)
    }

    /// Moves the clock on, or back by a negative number.
    public func advance(nanoseconds: Int64) {
        instant.withLock { $0 = $0.adding(nanoseconds: nanoseconds) }
    }

    /// Sets the clock.
    public func set(_ now: Timestamp) {
        instant.withLock { $0 = now }
    }
}
