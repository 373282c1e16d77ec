import Testing

/// Random schedules against a naive oracle.
@Suite("random walks")
struct AllotmentWalkTests {
    @Test(
        "whatever is consumed, allocated, overridden, reset and adjusted, the books agree",
        arguments: [1, 2, 3, 7, 20_261_121, 20_261_122] as [UInt64])
    func walk(seed: UInt64) async throws {
        var walk = try await AllotmentWalk(seed: seed)
        for _ in 0..<400 { try await walk.step() }
        try await walk.finish()
    }
}
