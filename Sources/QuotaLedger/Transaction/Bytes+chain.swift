// What is hashed is laid out so that no two contents share bytes.
extension [UInt8] {
    /// The hash that a chain begins with.
    static var genesis: [UInt8] { [UInt8](repeating: 0, count: 32) }

    /// Appends 8 bytes, big-endian.
    mutating func append(integer: Int64) {
        Swift.withUnsafeBytes(of: integer.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends a text behind its length.
    mutating func append(text: String) {
        append(integer: Int64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends a text behind its length; no text has the length −1.
    mutating func append(optional text: String?) {
        guard let text else { return append(integer: -1) }
        append(text: text)
    }
}
