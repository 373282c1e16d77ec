import StrictJSON
import Testing

@Suite("Strings")
struct StringTests {
    @Test(
        "escapes stand for what they stand for",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u00E9\u20ac""#, "Aéé€"),
            (#""\u0000\u001f""#, "\0\u{1F}"),
            (#""\ud83d\ude00""#, "😀"),
            (#""\uD800\uDC00\uDBFF\uDFFF""#, "\u{10000}\u{10FFFF}"),
            (#""a\u0062c""#, "abc"),
            (#""\uFFFF\uFEFF""#, "\u{FFFF}\u{FEFF}"),
            (#""é\né""#, "é\né"),
        ]
    )
    func escapes(text: String, expected: String) throws {
        let value = try #require(try parse(text).stringValue)
        #expect(Array(value.utf8) == Array(expected.utf8))
    }

    @Test(
        "what is no escape, no pair and no character is refused",
        arguments: [
            (#""\x""#, 2, #"expected one of " \ / b f n r t u after a backslash, found 'x'"#),
            (#""\u12G4""#, 5, "expected four hexadecimal digits after \\u, found 'G'"),
            (#""\u12"#, 5, "expected four hexadecimal digits after \\u, found the end"),
            (#""\ud83d""#, 1, "a surrogate escape must be half of a pair"),
            (#""\ud83dx""#, 1, "a surrogate escape must be half of a pair"),
            (#""\ud83d\n""#, 1, "a surrogate escape must be half of a pair"),
            (#""\ud83d\u0041""#, 1, "a surrogate escape must be half of a pair"),
            (#""\ud83d\ud83d""#, 1, "a surrogate escape must be half of a pair"),
            (#""a\ude00""#, 2, "a surrogate escape must be half of a pair"),
            (#""\ude00\ud83d""#, 1, "a surrogate escape must be half of a pair"),
            ("\"a\nb\"", 2, "a control character in a string must be written as an escape"),
            ("\"a\u{1F}\"", 2, "a control character in a string must be written as an escape"),
            ("\"\\n\0\"", 3, "a control character in a string must be written as an escape"),
            ("\"abc", 4, "expected '\"' at the end of a string, found the end of the document"),
            ("\"abc\\", 5, #"expected one of " \ / b f n r t u after a backslash, found the end"#),
        ]
    )
    func refuses(text: String, offset: Int, message: String) throws {
        let error = try #require(refusal(of: text), "\(text) was accepted")
        #expect(error.message.hasPrefix(message), "\(error.message)")
        #expect(error.offset == offset)
    }

    @Test(
        "bytes that are not UTF-8 are refused where they stand",
        arguments: [
            [0x80],  // a continuation byte alone
            [0xC3],  // cut short
            [0xC0, 0xAF], [0xE0, 0x80, 0xAF],  // overlong
            [0xED, 0xA0, 0x80],  // a surrogate
            [0xF4, 0x90, 0x80, 0x80],  // beyond U+10FFFF
            [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func invalidUTF8(bad: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        let plain = try #require(refusal(of: [quote] + Array("aé".utf8) + bad + [quote]))
        #expect(plain.message == "a string contains bytes that are not UTF-8")
        #expect(plain.offset == 4)
        let escaped = try #require(refusal(of: [quote] + Array("\\né".utf8) + bad + [quote]))
        #expect(escaped.message == "a string contains bytes that are not UTF-8")
        #expect(escaped.offset == 5)
    }

    @Test("every scalar survives being written and read")
    func roundTrip() throws {
        for value in UInt32(0)...0x10FFFF {
            // All of ASCII and the edges of each plane; the rest by the hundred.
            guard value < 0x800 || value % 97 == 0 || value & 0xFFFF >= 0xFFF0,
                let scalar = Unicode.Scalar(value)
            else { continue }
            let text = "a\(Character(scalar))b"
            let bytes = JSONValue.string(text).encodedBytes
            let read = try #require(try JSONValue(parsing: bytes).stringValue)
            #expect(Array(read.utf8) == Array(text.utf8))
        }
    }
}
