/// Ids of decisions and reservations in 128 bits.
///
/// Their text ends with 26 digits of base 32, ten of time and sixteen of chance; the first is 0
/// until the year 3084. Any other text does not fit, and is written out.
struct PackedID: Hashable {
    let high: UInt64
    let low: UInt64

    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Packs what follows `prefix`; nil when it is not of that form.
    init?(_ text: String, after prefix: String) {
        let tail = text.utf8.dropFirst(prefix.utf8.count)
        guard text.utf8.starts(with: prefix.utf8), tail.count == 26,
            tail.first == UInt8(ascii: "0")
        else { return nil }
        var bits: UInt128 = 0
        for digit in tail.dropFirst() {
            let value = Self.values[Int(digit)]
            if value == 0xFF { return nil }
            bits = bits << 5 | UInt128(value)
        }
        self.init(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }

    /// The text again.
    func text(after prefix: String) -> String {
        var bits = UInt128(high) << 64 | UInt128(low)
        var digits = [UInt8](repeating: UInt8(ascii: "0"), count: 26)
        for index in (1..<26).reversed() {
            digits[index] = Self.digits[Int(truncatingIfNeeded: bits & 31)]
            bits >>= 5
        }
        return prefix + String(decoding: digits, as: UTF8.self)
    }
}
