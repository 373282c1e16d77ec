/// Where a string stands in a document.
struct JSONText {
    /// The place of its first byte, behind the opening quote.
    let start: Int
    /// The place of the closing quote.
    let end: Int
    /// How many bytes of UTF-8 it is, without its escapes.
    let byteCount: Int

    /// Whether anything in it is escaped: every escape is longer than what it stands for.
    var hasEscapes: Bool { byteCount != end - start }
}
