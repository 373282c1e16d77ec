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
    ///   - used: the units that were used.
    ///   - parts: the limit of each part and its units, in the order in which they were taken.
    /// - Returns: a share for each part.
    package static func shares<Limit: Equatable>(
        of used: Int64,
        over parts: [(limit: Limit, units: Int64)]
    ) -> [HeldShare] {
        parts.indices.map { index in
            // A hold has few parts, mostly one of each limit: looking at all is the fastest way.
            var (before, isLast) = (Int64(0), true)
            for (other, part) in parts.enumerated()
            where other != index && part.limit == parts[index].limit {
                if other < index { before += part.units } else { isLast = false }
            }
            return share(of: used, units: parts[index].units, before: before, isLast: isLast)
        }
    }

    /// What falls on one part of a limit.
    ///
    /// - Parameters:
    ///   - used: the units that were used of the limit.
    ///   - units: the part's.
    ///   - before: those of the limit's parts before it.
    ///   - isLast: whether it is the limit's last part.
    /// - Returns: the share.
    package static func share(
        of used: Int64,
        units: Int64,
        before: Int64,
        isLast: Bool
    ) -> HeldShare {
        // What is less than nothing falls on the first part, whose account refuses it.
        let left = before == 0 ? used : max(0, used - before)
        let taken = min(left, units)
        return HeldShare(used: taken, beyond: isLast ? left - taken : 0)
    }
}
