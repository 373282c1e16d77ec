/// Why bytes are no JSON document, and where.
struct JSONFault: Error, Hashable {
    enum Kind: Hashable {
        case unexpectedEnd, unexpectedByte, controlCharacter, unknownEscape, loneSurrogate
        case leadingZero, tooDeep, notUTF8
    }

    let kind: Kind
    /// The byte at which it was noticed, from 0.
    let offset: Int

    /// What is wrong: `unexpected end at byte 17`.
    var message: String {
        switch kind {
        case .unexpectedEnd: "unexpected end at byte \(offset)"
        case .unexpectedByte: "unexpected character at byte \(offset)"
        case .controlCharacter: "a control character in a string at byte \(offset)"
        case .unknownEscape: "an unknown escape at byte \(offset)"
        case .loneSurrogate: "a surrogate without its partner at byte \(offset)"
        case .leadingZero: "a number that starts with a zero at byte \(offset)"
        case .tooDeep: "more than \(JSONCursor.maximumDepth) levels at byte \(offset)"
        case .notUTF8: "bytes that are not UTF-8 at byte \(offset)"
        }
    }
}
