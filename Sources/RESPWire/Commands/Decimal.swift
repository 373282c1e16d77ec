/// Integers in decimal, without a string for each.
enum Decimal {
    /// How many characters an integer has.
    static func width(_ value: Int64) -> Int {
        var rest = value.magnitude
        var width = value < 0 ? 2 : 1
        while rest >= 10 {
            rest /= 10
            width += 1
        }
        return width
    }

    /// Writes an integer behind what is there.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value >= 0, value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
