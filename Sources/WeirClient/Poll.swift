/// Waiting for what another process does, which tells nobody when it has done it.
package enum Poll {
    /// Asks again every few milliseconds until the answer is yes.
    ///
    /// - Returns: whether it was yes within the limit.
    package static func until(
        within limit: Duration,
        _ condition: () async throws -> Bool
    ) async throws -> Bool {
        let start = ContinuousClock.now
        while true {
            if try await condition() { return true }
            if ContinuousClock.now - start > limit { return false }
            try await Task.sleep(for: .milliseconds(3))
        }
    }
}
