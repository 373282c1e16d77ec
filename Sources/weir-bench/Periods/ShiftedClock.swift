import QuotaModel
import Synchronization

/// A clock that shows another time of the year: it stands until it is let go, and can skip time.
final class ShiftedClock: Sendable {
    private struct State {
        /// What it showed when it was let go, or shows as long as it was not.
        var shown: Timestamp
        var since: ContinuousClock.Instant?
    }

    private let state: Mutex<State>

    init(_ start: Timestamp) {
        state = Mutex(State(shown: start))
    }

    func now() -> Timestamp {
        state.withLock { state in
            guard let since = state.since else { return state.shown }
            let (seconds, attoseconds) = since.duration(to: .now).components
            return state.shown.adding(
                nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }

    /// From now on it goes.
    func letGo() { state.withLock { $0.since = .now } }

    func skip(nanoseconds: Int64) {
        state.withLock { $0.shown = $0.shown.adding(nanoseconds: nanoseconds) }
    }
}
