import QuotaEngine
import QuotaTesting
import Testing

/// Section 1 of the allotment algebra: `c` if `A < 4 N c`, else
/// `max(c, min(max(want, C / 100), A / (4 N)))`.
@Suite("The size of a grant")
struct GrantSizingTests {
    struct Row: Sendable {
        let needed: Int64
        let wanted: Int64
        let capacity: Int64
        let available: Int64
        let holders: Int64
        let size: Int64
    }

    @Test(arguments: [
        // The holder's wish, between a hundredth of all and its share of what is left.
        Row(needed: 1, wanted: 50, capacity: 1_000, available: 1_000, holders: 1, size: 50),
        Row(needed: 1, wanted: 0, capacity: 1_000, available: 1_000, holders: 1, size: 10),
        Row(needed: 1, wanted: 900, capacity: 1_000, available: 1_000, holders: 1, size: 250),
        Row(needed: 1, wanted: 900, capacity: 1_000, available: 1_000, holders: 5, size: 50),
        // The upper bound wins over the lower.
        Row(needed: 1, wanted: 0, capacity: 100_000, available: 400, holders: 1, size: 100),
        // What is needed wins over both.
        Row(needed: 30, wanted: 0, capacity: 1_000, available: 1_000, holders: 1, size: 30),
        Row(needed: 25, wanted: 0, capacity: 1_000, available: 100, holders: 1, size: 25),
        Row(needed: 26, wanted: 99, capacity: 1_000, available: 100, holders: 1, size: 26),
        Row(needed: 1, wanted: 99, capacity: 1_000, available: 4, holders: 1, size: 1),
        Row(needed: 1, wanted: 99, capacity: 1_000, available: 3, holders: 1, size: 1),
        Row(needed: 100, wanted: 99, capacity: 100, available: 100, holders: 9, size: 100),
        // No holder is as one.
        Row(needed: 1, wanted: 900, capacity: 1_000, available: 1_000, holders: 0, size: 250),
        // The ends of the range.
        Row(
            needed: .max, wanted: .max, capacity: .max, available: .max, holders: 1,
            size: .max),
        Row(
            needed: 1, wanted: .max, capacity: 1 << 62, available: 1 << 62, holders: 1,
            size: 1 << 60),
    ])
    func follows(_ row: Row) {
        let size = GrantSizing.size(
            needed: row.needed, wanted: row.wanted, capacity: row.capacity,
            available: row.available, holders: row.holders)
        #expect(size == row.size)
    }

    @Test("never more than a share of a quarter of what is left, unless it is needed")
    func bounds() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<20_000 {
            let capacity = Int64.random(in: 1...1_000_000, using: &random)
            let available = Int64.random(in: 1...capacity, using: &random)
            let needed = Int64.random(in: 1...available, using: &random)
            let wanted = Int64.random(in: 0...capacity, using: &random)
            let holders = Int64.random(in: 1...40, using: &random)
            let size = GrantSizing.size(
                needed: needed, wanted: wanted, capacity: capacity, available: available,
                holders: holders)
            #expect(size >= needed && size <= available)
            #expect(size == needed || size <= available / (4 * holders))
            let room = available / (4 * holders)
            let wish = max(wanted, capacity / 100)
            let expected =
                available < 4 * holders * needed ? needed : max(needed, min(wish, room))
            #expect(size == expected)
        }
    }

    @Test("the largest inputs are no trap")
    func range() async {
        await #expect(processExitsWith: .success) {
            let size = GrantSizing.size(
                needed: .max, wanted: .max, capacity: .max, available: .max, holders: .max)
            precondition(size == .max, "what is needed is the least")
        }
    }
}
