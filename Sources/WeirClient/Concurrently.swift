/// Runs work for many numbers, some of them at a time.
package enum Concurrently {
    /// Runs `work` for 0 up to `count`, in order, at most `limit` at once.
    ///
    /// The first error cancels the rest and is thrown.
    package static func each(
        _ count: Int, limit: Int, _ work: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= limit { try await group.next() }
                group.addTask { try await work(index) }
            }
            try await group.waitForAll()
        }
    }
}
