package import QuotaModel

/// Amounts of money, counted like everything else: in units of 10⁻⁹ of a currency.
package enum Money {
    /// How the ids of meters of money begin; the currency follows in lower case.
    private static let prefix = "cost_"

    /// The currency that a meter counts: `USD` for `cost_usd`; nil for one that counts no money.
    package static func currency(of meter: MeterID) -> String? {
        guard meter.text.hasPrefix(prefix) else { return nil }
        let code = meter.text.dropFirst(prefix.count)
        guard code.utf8.count == 3,
            code.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else { return nil }
        return code.uppercased()
    }

    /// A number of 10⁻⁹ units as a decimal number without needless zeros: `0.000123`.
    package static func text(nano: Int64) -> String {
        let (units, rest) = nano.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest == 0 { return String(units) }
        var digits = String(rest.magnitude)
        digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        return "\(nano < 0 && units == 0 ? "-" : "")\(units).\(digits)"
    }
}
