package import QuotaModel

/// Amounts of money, counted like everything else: in units of 10⁻⁹ of a currency.
package enum Money {
    /// How the ids of meters of money begin; the currency follows in lower case.
    private static let prefix = "cost_"

    /// The meter that counts a currency, by its three letters: `cost_usd` for `USD`.
    package static func meter(of currency: String) -> MeterID {
        MeterID(trusted: prefix + currency.lowercased())
    }

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
        var (digits, places) = (rest.magnitude, 9)
        while digits % 10 == 0 { (digits, places) = (digits / 10, places - 1) }
        let decimals = String(unsafeUninitializedCapacity: places) { bytes in
            for place in bytes.indices.prefix(places).reversed() {
                bytes[place] = UInt8(ascii: "0") + UInt8(digits % 10)
                digits /= 10
            }
            return places
        }
        return "\(nano < 0 && units == 0 ? "-" : "")\(units).\(decimals)"
    }
}
