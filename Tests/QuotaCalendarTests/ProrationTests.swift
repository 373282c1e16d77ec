import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

@Suite struct ProrationTests {
    @Test(
        arguments: [
            (1_000, 1, 2, 500), (1_001, 1, 2, 500), (999, 1, 1_000, 0), (7, 2, 3, 4), (5, 0, 3, 0),
            (5, 3, 3, 5), (-7, 2, 3, -5), (0, 1, 2, 0),
            // Out of range is clamped, and nothing is divided by zero.
            (5, -1, 3, 0), (5, 4, 3, 5), (5, 1, 0, 0), (5, 1, -3, 0), (5, .max, .min, 0),
            // The product needs 128 bits.
            (.max, .max, .max, .max), (.max, .max - 1, .max, .max - 1), (.min, .max, .max, .min),
            (.max, 1, 2, 4_611_686_018_427_387_903),
        ] as [(Int64, Int64, Int64, Int64)]
    )
    func floors(quantity: Int64, remaining: Int64, total: Int64, expected: Int64) {
        #expect(
            Proration.prorate(quantity: quantity, remaining: remaining, total: total) == expected
        )
    }

    @Test func whatIsLeftOfAPeriod() throws {
        let start = try Samples.instant("2026-06-01T00:00:00Z")
        let end = try Samples.instant("2026-07-01T00:00:00Z")
        let june = Period(start: start, end: end, index: 0)
        let half = try Samples.instant("2026-06-16T00:00:00Z")
        #expect(Proration.prorate(quantity: 2_000, over: june, from: half) == 1_000)
        #expect(
            Proration.prorate(quantity: 2_000, over: june, from: half.adding(nanoseconds: 1))
                == 999
        )
        #expect(Proration.prorate(quantity: 2_000, over: june, from: start) == 2_000)
        #expect(Proration.prorate(quantity: 2_000, over: june, from: end) == 0)
        #expect(Proration.prorate(quantity: 2_000, over: june, from: .distantPast) == 2_000)
        #expect(Proration.prorate(quantity: 2_000, over: june, from: .distantFuture) == 0)
        // A lifetime is longer than 64 bits of nanoseconds.
        let epoch = Timestamp(seconds: 0)
        #expect(Proration.prorate(quantity: 2_000, over: .lifetime, from: epoch) == 999)
    }

    @Test func theRemainderGoesToTheLastPart() throws {
        #expect(try Proration.split(quantity: 100, over: [1, 1, 1]) == [33, 33, 34])
        #expect(try Proration.split(quantity: 100, over: [10, 20]) == [33, 67])
        #expect(try Proration.split(quantity: 5, over: [0, 0]) == [0, 5])
        #expect(
            try Proration.split(quantity: .max, over: [.max, .max])
                == [.max / 2, .max / 2 + 1]
        )
    }

    @Test(arguments: [(-1, [1]), (1, []), (1, [1, -1])] as [(Int64, [Int64])])
    func refusesToSplitNonsense(quantity: Int64, parts: [Int64]) {
        let error = #expect(throws: CalendarError.self) {
            try Proration.split(quantity: quantity, over: parts)
        }
        #expect(error?.code == .quantityOutOfRange)
    }

    @Test func aSplitLosesNothing() throws {
        let seed: UInt64 = 0x5917
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let quantity = Int64.random(in: 0...(.max), using: &random)
            let parts = (0..<Int.random(in: 1...9, using: &random))
                .map { _ in
                    Int64.random(in: 0...(.max), using: &random)
                }
            let shares = try Proration.split(quantity: quantity, over: parts)
            #expect(shares.count == parts.count, "seed \(seed)")
            #expect(shares.allSatisfy { $0 >= 0 }, "seed \(seed)")
            #expect(shares.reduce(0, +) == quantity, "seed \(seed)")
        }
    }
}
