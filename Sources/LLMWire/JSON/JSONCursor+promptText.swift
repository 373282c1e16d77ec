extension JSONCursor {
    /// What an image in a prompt counts, however many bytes it has.
    static let dataURLBytes = 1024
    /// What a token that is given by its number counts.
    static let tokenNumberBytes = 4
    /// Within how many bytes a data URL says that it is base64.
    private static let dataURLPrefixBytes = 128

    /// Steps over any value and counts the text in its strings, without their escapes.
    ///
    /// Numbers in arrays count as tokens; a data URL in base64 counts ``dataURLBytes`` at most.
    /// `withNames`, the names of members count too, as they should in the schema of a tool.
    mutating func promptBytes(withNames: Bool = false) throws(JSONFault) -> Int {
        var sum = 0
        switch current {
        case UInt8(ascii: "\""): sum = weight(of: try string())
        case UInt8(ascii: "{"):
            try members { (cursor, name) throws(JSONFault) in
                if withNames { sum += name.byteCount }
                sum += try cursor.promptBytes(withNames: withNames)
            }
        case UInt8(ascii: "["):
            try elements { (cursor) throws(JSONFault) in
                if cursor.isAtNumber {
                    try cursor.skipNumber()
                    sum += Self.tokenNumberBytes
                } else {
                    sum += try cursor.promptBytes(withNames: withNames)
                }
            }
        default: try skipValue()
        }
        return sum
    }

    private func weight(of text: JSONText) -> Int {
        text.byteCount > Self.dataURLBytes && isDataURL(text) ? Self.dataURLBytes : text.byteCount
    }

    /// Whether a string is a data URL: a text may begin with `data:` too.
    private func isDataURL(_ text: JSONText) -> Bool {
        let head = UnsafeRawBufferPointer(start: bytes + text.start, count: text.end - text.start)
            .prefix(Self.dataURLPrefixBytes)
        return head.starts(with: "data:".utf8) && head.contains(";base64,".utf8)
    }
}
