import QuotaEngine
import Testing

@Suite("how use falls on what was held")
struct HeldShareTests {
    struct Row: Sendable {
        let parts: [(limit: String, units: Int64)]
        let used: Int64
        let shares: [[Int64]]
    }

    private static let two = [("day", Int64(5)), ("month", 10), ("day", 5)]

    private static let rows = [
        Row(parts: [], used: 7, shares: []),
        Row(parts: [("day", 5)], used: 3, shares: [[3, 0]]),
        Row(parts: [("day", 5)], used: 8, shares: [[5, 3]]),
        Row(parts: [("day", 5), ("month", 5)], used: 8, shares: [[5, 3], [5, 3]]),
        Row(parts: two, used: 0, shares: [[0, 0], [0, 0], [0, 0]]),
        Row(parts: two, used: 4, shares: [[4, 0], [4, 0], [0, 0]]),
        Row(parts: two, used: 8, shares: [[5, 0], [8, 0], [3, 0]]),
        // Beyond all of it once, on the last part of each limit.
        Row(parts: two, used: 12, shares: [[5, 0], [10, 2], [5, 2]]),
        Row(parts: [("day", 0), ("day", 0)], used: 6, shares: [[0, 0], [0, 6]]),
        Row(parts: [("day", 1), ("day", 1)], used: .max, shares: [[1, 0], [1, .max - 2]]),
    ]

    @Test("the parts of a limit are filled in turn", arguments: rows)
    func shares(row: Row) {
        let shares = HeldShare.shares(of: row.used, over: row.parts)
        #expect(shares.map { [$0.used, $0.beyond] } == row.shares)
    }
}
