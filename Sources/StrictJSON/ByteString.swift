/// A string as a key that hashes and compares by its UTF-8 bytes.
///
/// `String` itself compares by canonical equivalence, under which different bytes can be equal.
struct ByteString: Hashable {
    let text: String

    static func == (left: ByteString, right: ByteString) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether both strings are the same bytes of UTF-8.
    func hasSameBytes(as other: String) -> Bool {
        // Strings that are not equal as text have different bytes: `==`, which is fast for ASCII,
        // settles nearly every comparison.
        guard utf8.count == other.utf8.count, self == other else { return false }
        return utf8.elementsEqual(other.utf8)
    }
}
