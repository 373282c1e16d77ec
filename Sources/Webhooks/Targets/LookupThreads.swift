import Foundation
import Synchronization

/// Runs work that blocks on a few threads, which end when there is none left.
final class LookupThreads: Sendable {
    /// The most threads at once.
    static let maximumThreads = 8
    /// The most work that waits for a thread.
    static let maximumWaiting = 256

    private struct State {
        var threads = 0
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Has a thread do the work, soon; false where too much is waiting.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        let needsThread: Bool? = state.withLock { state in
            guard state.waiting.count < Self.maximumWaiting else { return nil }
            state.waiting.append(work)
            guard state.threads < Self.maximumThreads else { return false }
            state.threads += 1
            return true
        }
        guard let needsThread else { return false }
        if needsThread {
            Thread.detachNewThread {
                while let work = self.next() { work() }
            }
        }
        return true
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
