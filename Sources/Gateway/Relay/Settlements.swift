import Synchronization

/// Counts the requests that are under way until what they used is booked, for who stops the server:
/// none is left behind.
final class Settlements: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// One has begun.
    func begin() { state.withLock { $0.count += 1 } }

    /// One has ended.
    func end() {
        let waiting = state.withLock { state in
            assert(state.count > 0, "what ends has begun")
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until none is under way.
    func wait() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDone = state.withLock { state in
                if state.count == 0 { return true }
                state.waiting.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
