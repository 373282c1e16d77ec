public import QuotaModel

/// Parts of a quantity by parts of a period, in 128-bit integers.
///
/// For budgets and money only: rates are never prorated.
public enum Proration {
    /// `floor(quantity × remaining / total)`.
    ///
    /// - Parameters:
    ///   - quantity: Units; negative ones round down too.
    ///   - remaining: Nanoseconds left, taken as 0 below 0 and as `total` above it.
    ///   - total: Nanoseconds of the whole period. Nothing is left of one that is not positive.
    /// - Returns: The part, between 0 and `quantity`.
    public static func prorate(quantity: Int64, remaining: Int64, total: Int64) -> Int64 {
        prorate(quantity, remaining: Int128(remaining), total: Int128(total))
    }

    /// The part of `quantity` that belongs to what is left of `period` at an instant: all of it
    /// before the period, none after.
    public static func prorate(
        quantity: Int64,
        over period: Period,
        from instant: Timestamp
    ) -> Int64 {
        // In 128 bits, because a lifetime is longer than 64 bits of nanoseconds.
        let end = Int128(period.end.nanoseconds)
        return prorate(
            quantity,
            remaining: end - Int128(instant.nanoseconds),
            total: end - Int128(period.start.nanoseconds)
        )
    }

    /// Splits a quantity over consecutive parts of a period by their lengths: each part gets its
    /// floor, the last also the remainder, so that the sum is exactly `quantity`.
    ///
    /// - Parameters:
    ///   - quantity: Units, not negative.
    ///   - parts: The lengths in nanoseconds, not negative.
    /// - Returns: A share for each part, in their order.
    /// - Throws: `quantityOutOfRange` for a negative quantity or length, or without parts.
    public static func split(
        quantity: Int64,
        over parts: [Int64]
    ) throws(CalendarError) -> [Int64] {
        guard quantity >= 0, !parts.isEmpty, parts.allSatisfy({ $0 >= 0 }) else {
            throw CalendarError(
                .quantityOutOfRange,
                "a quantity of 0 or more is split over one or more lengths of 0 or more"
            )
        }
        let total = parts.reduce(Int128(0)) { $0 + Int128($1) }
        var shares = parts.map { prorate(quantity, remaining: Int128($0), total: total) }
        shares[shares.count - 1] += quantity - shares.reduce(0, +)
        return shares
    }

    /// The one division.
    ///
    /// With `remaining` within `0...total` the result is no further from 0 than `quantity`, so it
    /// fits.
    private static func prorate(_ quantity: Int64, remaining: Int128, total: Int128) -> Int64 {
        guard total > 0 else { return 0 }
        let part = min(max(remaining, 0), total)
        let product = Int128(quantity) * part
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: total)
        return Int64(remainder < 0 ? quotient - 1 : quotient)
    }
}
