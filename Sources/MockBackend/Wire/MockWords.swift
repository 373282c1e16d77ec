import StrictJSON

/// The text of tokens: a few words of the same length, again and again.
///
/// A text depends on its length only, whether it comes whole or in pieces.
enum MockWords {
    /// The bytes of a word, with the space before it.
    static let wordBytes = 5
    /// How many words there are before the first comes again.
    static let count = 16

    /// All words, one after the other.
    static let bytes: [UInt8] = Array(
        " over then weir flow down past calm blue cold deep runs wide mill sand bank reed".utf8)

    /// Where the word of a token stands in ``bytes``.
    static func range(of token: Int) -> Range<Int> {
        let start = token % count * wordBytes
        return start..<(start + wordBytes)
    }

    /// Writes the string of the tokens in a range.
    static func write(_ tokens: Range<Int>, to writer: inout JSONWriter) {
        writer.asciiString(upTo: tokens.count * wordBytes) { target in
            var offset = 0
            for token in tokens {
                for index in range(of: token) {
                    (target + offset).initialize(to: bytes[index])
                    offset += 1
                }
            }
            return offset
        }
    }
}
