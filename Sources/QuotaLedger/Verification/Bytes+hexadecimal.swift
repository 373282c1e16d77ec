extension [UInt8] {
    /// Two digits for each byte, as hashes are shown.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Reads what ``hexadecimal`` writes, in either case; nil for anything else.
    package init?(hexadecimal text: String) {
        var values: [UInt8] = []
        for character in text.utf8 {
            guard character < 128,
                let value = Character(Unicode.Scalar(character)).hexDigitValue
            else { return nil }
            values.append(UInt8(value))
        }
        guard values.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
