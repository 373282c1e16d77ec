/// How large a slice a holder gets.
public enum GrantSizing {
    /// The size of a grant.
    ///
    /// Near the end of an account slices shrink to what a request needs, so that no holder sits on
    /// the last units while another is refused; a holder never gets more than its share of a
    /// quarter of what is left.
    ///
    /// - Parameters:
    ///   - needed: the units that one request needs now.
    ///   - wanted: the units that the holder would like.
    ///   - capacity: the units of the period in all.
    ///   - available: the units that nobody has taken; at least `needed`.
    ///   - holders: how many holders have open grants on the account, at least 1.
    /// - Returns: the units to grant, at least `needed`.
    public static func size(
        needed: Int64,
        wanted: Int64,
        capacity: Int64,
        available: Int64,
        holders: Int64
    ) -> Int64 {
        let shares = Int128(4) * Int128(max(1, holders))
        let upperBound = Int64(Int128(available) / shares)
        if upperBound < needed { return needed }
        return max(needed, min(max(wanted, capacity / 100), upperBound))
    }
}
