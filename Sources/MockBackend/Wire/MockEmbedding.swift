/// An embedding, which is the same for every text: numbers that floats hold exactly.
struct MockEmbedding {
    private static let numbers: [(text: StaticString, float: Float)] = [
        ("0.5", 0.5), ("-0.25", -0.25), ("0.125", 0.125), ("-0.5", -0.5),
    ]

    /// The JSON value: an array, or a string of base64.
    let bytes: [UInt8]

    init(_ request: MockRequest) {
        let numbers = (0..<request.dimensions).map { Self.numbers[$0 % Self.numbers.count] }
        if request.isBase64 {
            let floats = numbers.flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number.float.bitPattern >> (8 * $0)) }
            }
            bytes = [UInt8(ascii: "\"")] + Self.base64(floats) + [UInt8(ascii: "\"")]
        } else {
            let texts = numbers.map { String(describing: $0.text) }
            bytes = Array("[\(texts.joined(separator: ","))]".utf8)
        }
    }

    /// RFC 4648, section 4.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let digit = alphabet[bits >> (18 - 6 * place) & 63]
                text.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return text
    }
}
