public import NIOCore

/// A text of RESP3 that says what format it has.
public struct RESPVerbatim: Sendable, Hashable {
    /// Three characters: `txt` for plain text, `mkd` for Markdown.
    public let format: String
    /// The text without its format.
    public let text: ByteBuffer

    /// Creates a text.
    public init(format: String, text: ByteBuffer) {
        self.format = format
        self.text = text
    }
}
