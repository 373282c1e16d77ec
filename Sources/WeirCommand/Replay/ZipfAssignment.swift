/// Spreads rows over tenants as traffic spreads in practice: the k-th tenant gets a share
/// proportional to 1/k (Zipf's law with exponent 1).
///
/// Only additions and divisions go into the table, so that one seed gives one assignment on
/// every machine.
struct ZipfAssignment {
    private var generator: SplitMix64
    /// Ascending; entry k is the weight of the tenants 0 to k.
    private let cumulativeWeights: [Double]

    /// - Precondition: there is at least one tenant.
    init(tenants: Int, seed: UInt64) {
        precondition(tenants > 0)
        generator = SplitMix64(seed: seed)
        var sum = 0.0
        cumulativeWeights = (1...tenants)
            .map { rank in
                sum += 1 / Double(rank)
                return sum
            }
    }

    /// The tenant of the next row, from 0.
    mutating func next() -> Int {
        let drawn = generator.nextUnit() * cumulativeWeights[cumulativeWeights.count - 1]
        var low = 0
        var high = cumulativeWeights.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulativeWeights[middle] <= drawn { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
