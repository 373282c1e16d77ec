import Foundation
import Synchronization

/// Turns SIGINT and SIGTERM into cancellation, so that children are stopped and folders removed.
package enum Interrupt {
    private static let isRaised = Atomic(false)

    /// Runs `body` and cancels it when the process is asked to end.
    ///
    /// Throws `CancellationError` then.
    package static func cancels<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        isRaised.store(false, ordering: .relaxed)
        // A handler, and not SIG_IGN: children would inherit that and could not be stopped.
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interrupt.isRaised.store(true, ordering: .relaxed) }
        }
        defer {
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
        let task = Task { try await body() }
        let watch = Task {
            while !isRaised.load(ordering: .relaxed) {
                try await Task.sleep(for: .milliseconds(50))
            }
            task.cancel()
        }
        defer { watch.cancel() }
        do {
            return try await task.value
        } catch {
            // What failed because all was given up is not what went wrong.
            throw isRaised.load(ordering: .relaxed) ? CancellationError() : error
        }
    }
}
