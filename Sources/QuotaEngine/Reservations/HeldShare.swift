/// What falls on one of the parts of a limit that a reservation holds.
package struct HeldShare: Hashable, Sendable {
    /// Units that were used of the part.
    package internal(set) var used: Int64
    /// Units beyond all that was held of the limit, which fall on its last part.
    package internal(set) var beyond: Int64

    /// Creates a share.
    package init(used: Int64 = 0, beyond: Int64 = 0) {
        self.used = used
        self.beyond = beyond
    }

    /// Both together.
    package var units: Int64 { used + beyond }
}

extension HeldShare {
    /// Distributes what was used of a meter over the parts of its limits.
    ///
    /// Each limit counts all of it. Its parts are filled in the order in which they were taken, so
    /// that what a hold began with counts where it was admitted; what is beyond all of them is an
    /// overage once, of the last part. Node, journal and ledger distribute alike, by this alone.
    ///
    /// - Parameters:
    ///   - used: the units that were used, not negative.
    ///   - parts: the limit of each part and its units, in the order in which they were taken.
    /// - Returns: a share for each part.
    package static func shares<Limit: Hashable>(
        of used: Int64,
        over parts: [(limit: Limit, units: Int64)]
    ) -> [HeldShare] {
        // Most holds have one part of each limit.
        var lefts: [Limit: Int64] = [:]
        var lasts: [Limit: Int] = [:]
        var shares: [HeldShare] = []
        shares.reserveCapacity(parts.count)
        for (index, part) in parts.enumerated() {
            let left = lefts[part.limit] ?? used
            let taken = min(left, part.units)
            lefts[part.limit] = left - taken
            lasts[part.limit] = index
            shares.append(HeldShare(used: taken))
        }
        for (limit, last) in lasts { shares[last].beyond = lefts[limit] ?? 0 }
        return shares
    }
}
