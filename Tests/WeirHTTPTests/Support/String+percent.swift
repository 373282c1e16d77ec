extension String {
    /// The text as it stands in a path or query: everything but letters and digits in `%XX`.
    var percentEncoded: String {
        utf8.reduce(into: "") { text, byte in
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "_")
            let digits = String(byte, radix: 16, uppercase: true)
            text +=
                isPlain
                ? String(UnicodeScalar(byte)) : "%" + (digits.utf8.count < 2 ? "0" : "") + digits
        }
    }
}
