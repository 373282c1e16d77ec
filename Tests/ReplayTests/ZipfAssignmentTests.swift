import Testing

@testable import WeirCommand

struct ZipfAssignmentTests {
    @Test func generatorGivesThePublishedNumbers() {
        // The first numbers for seed 1234567, as published with the reference code.
        var generator = SplitMix64(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func sameSeedSameAssignment() {
        #expect(assign(1_000, tenants: 50, seed: 7) == assign(1_000, tenants: 50, seed: 7))
        #expect(assign(1_000, tenants: 50, seed: 7) != assign(1_000, tenants: 50, seed: 8))
    }

    @Test func sharesFallAsOneOverTheRank() {
        let rows = 200_000
        var counts = [Int](repeating: 0, count: 10)
        for tenant in assign(rows, tenants: 10, seed: 1) { counts[tenant] += 1 }
        let harmonic = (1...10).reduce(0.0) { $0 + 1 / Double($1) }
        for (index, count) in counts.enumerated() {
            let expected = Double(rows) / Double(index + 1) / harmonic
            #expect(abs(Double(count) - expected) < 0.05 * expected)
        }
    }

    @Test func oneTenantGetsAll() {
        #expect(assign(100, tenants: 1, seed: 3).allSatisfy { $0 == 0 })
    }

    private func assign(_ rows: Int, tenants: Int, seed: UInt64) -> [Int] {
        var assignment = ZipfAssignment(tenants: tenants, seed: seed)
        return (0..<rows).map { _ in assignment.next() }
    }
}
