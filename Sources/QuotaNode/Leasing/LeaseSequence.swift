import Synchronization

/// The numbers of a node's leases, and which of them it still waits for.
package final class LeaseSequence: Sendable {
    fileprivate struct State {
        var next: Int64 = 1
        /// The first numbers of draws that are under way.
        var waiting: Set<Int64> = []
    }

    private let state = Mutex(State())

    /// Begins at 1.
    package init() {}

    /// Numbers for a draw.
    ///
    /// - Parameter count: how many.
    /// - Returns: the first of them, and the smallest number that is waited for.
    package func take(_ count: Int) -> (first: Int64, floor: Int64) {
        state.withLock { state in
            let first = state.next
            state.next += Int64(count)
            state.waiting.insert(first)
            return (first, state.floor)
        }
    }

    /// A draw is over: it was answered for good, or will never be.
    package func end(_ first: Int64) { state.withLock { _ = $0.waiting.remove(first) } }

    /// The smallest number that is waited for: no smaller one will be asked for again.
    package var floor: Int64 { state.withLock { $0.floor } }
}

extension LeaseSequence.State {
    fileprivate var floor: Int64 { waiting.min() ?? next }
}
