/// Digits and letters: what API keys are made of.
enum Base62 {
    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// A number with leading zeros, cut to its last `width` digits.
    static func encode(_ value: UInt64, width: Int) -> String {
        var rest = value
        var text = [UInt8](repeating: digits[0], count: width)
        for index in text.indices.reversed() {
            text[index] = digits[Int(rest % 62)]
            rest /= 62
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a number with leading zeros is written in these digits.
    static func has(_ value: UInt32, asDigits text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var rest = Int(value)
        for digit in text.reversed() {
            guard digit == digits[rest % 62] else { return false }
            rest /= 62
        }
        return true
    }

    /// `count` digits, each of the 62 equally likely.
    static func random(_ count: Int, _ random: () -> UInt64) -> String {
        var text: [UInt8] = []
        while text.count < count {
            // Six bits at a time; 62 and 63 are thrown away, so that no digit is favoured.
            var bits = random()
            for _ in 0..<10 where text.count < count {
                if bits & 63 < 62 { text.append(digits[Int(bits & 63)]) }
                bits >>= 6
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
