/// How tokens are counted from text, where nobody says how many there were.
enum TokenCount {
    /// The bytes of a text that one event may carry as one token.
    static let bytesOfOneToken = 32

    /// What an event with so many bytes of text counts: backends send a token at a time, and some
    /// send more.
    @inline(__always)
    static func ofEvent(textBytes: Int) -> Int64 {
        textBytes > bytesOfOneToken ? ofText(bytes: textBytes) : textBytes > 0 ? 1 : 0
    }

    /// The fewest tokens that a text can be: hardly one has more bytes.
    @inline(__always)
    static func leastOfText(bytes: Int) -> Int64 {
        (Int64(bytes) + Int64(bytesOfOneToken) - 1) / Int64(bytesOfOneToken)
    }

    /// What a whole text counts: four bytes a token, rounded up.
    @inline(__always)
    static func ofText(bytes: Int) -> Int64 {
        (Int64(bytes) + 3) / 4
    }
}
