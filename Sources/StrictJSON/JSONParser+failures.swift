extension JSONParser {
    /// The failure that something else stands here than `expected`.
    func unexpected(_ expected: String) -> JSONFailure {
        JSONFailure("expected \(expected), found \(currentDescription)", at: offset)
    }

    func duplicate(_ name: String, at offset: Int) -> JSONFailure {
        // A message is for people; the pointer has the whole name.
        let shown = name.count <= 40 ? name : name.prefix(40) + "…"
        let message = "the member name \"\(shown)\" appears twice in one object"
        return JSONFailure(message, at: offset, code: .duplicateMember, name: name)
    }

    /// The failure at the first byte from `start` on that is no UTF-8.
    func invalidUTF8(from start: Int) -> JSONFailure {
        var decoder = Unicode.UTF8.ForwardParser()
        var rest = bytes[start...].makeIterator()
        var position = start
        while case .valid(let scalar) = decoder.parseScalar(from: &rest) {
            position += scalar.count
        }
        return JSONFailure("a string contains bytes that are not UTF-8", at: position)
    }

    private var currentDescription: String {
        guard offset < bytes.count else { return "the end of the document" }
        switch bytes[offset] {
        case 0x21...0x7E: return "'\(Unicode.Scalar(bytes[offset]))'"
        case 0xEF where bytes[offset...].starts(with: [0xEF, 0xBB, 0xBF]):
            return "a byte order mark"
        case let byte: return "the byte 0x" + String(byte, radix: 16, uppercase: true)
        }
    }
}
