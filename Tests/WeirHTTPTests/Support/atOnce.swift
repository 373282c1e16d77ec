/// The answers to so many requests at the same time.
func atOnce(
    _ count: Int,
    _ send: @escaping @Sendable (Int) async throws -> Reply
) async throws -> [Reply] {
    try await withThrowingTaskGroup(of: Reply.self) { group in
        for index in 0..<count { group.addTask { try await send(index) } }
        return try await group.reduce(into: [Reply]()) { $0.append($1) }
    }
}
