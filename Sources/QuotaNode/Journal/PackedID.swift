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
        prefix
            + String(unsafeUninitializedCapacity: Self.digitCount) { bytes in
                guard let start = bytes.baseAddress else { return 0 }
                writeDigits(to: start)
                return Self.digitCount
            }
    }

    /// How many digits follow the prefix.
    static let digitCount = 26

    /// Writes what follows the prefix at a place in memory with room for ``digitCount`` bytes.
    ///
    /// In place and without a check of each, since every answer to a decision has one.
    @inline(__always)
    func writeDigits(to start: UnsafeMutablePointer<UInt8>) {
        let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        start.initialize(to: UInt8(ascii: "0"))
        // The lower 60 bits of each word are twelve digits, and one digit lies in both.
        var bits = low
        for index in (14..<26).reversed() {
            (start + index).initialize(to: digits.utf8Start[Int(bits & 31)])
            bits >>= 5
        }
        bits |= high << 4
        (start + 13).initialize(to: digits.utf8Start[Int(bits & 31)])
        bits = high >> 1
        for index in (1..<13).reversed() {
            (start + index).initialize(to: digits.utf8Start[Int(bits & 31)])
            bits >>= 5
        }
    }
}
