import QuotaModel
import QuotaTesting
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test(
        "an id is 1 to 256 bytes of UTF-8, and most characters are ordinary",
        arguments: [
            "a", "a}{b", "{}", "../", "/", "%2F", " ", "'; DROP TABLE x; --", "\u{E9}",
            "e\u{301}", "\u{1F600}", "\u{200B}", "\u{2028}", "\u{FEFF}", "\u{FFFD}",
            String(repeating: "x", count: 256), String(repeating: "\u{1F600}", count: 64),
            String(repeating: "\u{E9}", count: 128),
        ])
    func accepts(_ text: String) throws {
        let id = try TenantID(text)
        #expect(Array(id.text.utf8) == Array(text.utf8))
        #expect(id.description == text)
        #expect(id == TenantID(trusted: text))
    }

    @Test("what is not an id says why")
    func refuses() {
        let rows: [(text: String, error: IdentifierError)] = [
            ("", .empty),
            (String(repeating: "x", count: 257), .tooLong(257)),
            (String(repeating: "x", count: 10_240), .tooLong(10_240)),
            (String(repeating: "\u{1F600}", count: 65), .tooLong(260)),
            (String(repeating: "\u{1F600}", count: 512), .tooLong(2_048)),
            (String(repeating: "x", count: 255) + "\u{E9}", .tooLong(257)),
            ("\0", .controlCharacter(0)), ("a\nb", .controlCharacter(10)),
            ("a\r\nb", .controlCharacter(13)), ("\t", .controlCharacter(9)),
            ("a\u{7F}", .controlCharacter(0x7F)), ("a\u{85}", .controlCharacter(0x85)),
            ("\u{1B}[31m", .controlCharacter(0x1B)), ("e\u{301}\u{9F}", .controlCharacter(0x9F)),
        ]
        for row in rows {
            #expect(throws: row.error) { try TenantID(row.text) }
        }
    }

    @Test("every control character is refused, and its neighbours are not")
    func controlCharacters() throws {
        for value in UInt32(0)...0x100 {
            let scalar = try #require(Unicode.Scalar(value))
            let isControl = value < 0x20 || (0x7F...0x9F).contains(value)
            let id = try? TenantID("a" + String(Character(scalar)))
            #expect((id == nil) == isControl, "\(value)")
        }
    }

    @Test("an error's text is one line and harmless in a log")
    func errorsAreHarmless() {
        for error in [IdentifierError.empty, .tooLong(257), .controlCharacter(10)] {
            #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            #expect(!error.description.isEmpty)
        }
        #expect(IdentifierError.controlCharacter(10).description.contains("U+000A"))
    }

    @Test("ids are equal, hashed and ordered byte by byte")
    func bytewise() {
        let composed = TenantID(trusted: "\u{E9}")
        let decomposed = TenantID(trusted: "e\u{301}")
        #expect(composed.text == decomposed.text, "Swift folds them")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(composed == TenantID(trusted: "\u{E9}"))
        let texts = ["", "A", "B", "a", "aa", "b", "e\u{301}", "\u{E9}", "\u{1F600}"]
        let ids = texts.map { ExactString($0) }
        var random = SeededRandom(seed: 1)
        #expect(ids.shuffled(using: &random).sorted() == ids)
        for (index, left) in ids.enumerated() {
            for (other, right) in ids.enumerated() {
                #expect((left < right) == (index < other))
                #expect((left == right) == (index == other))
            }
        }
    }

    @Test("the length counts bytes, not characters")
    func maximum() {
        #expect(TenantID.maximumBytes == 256)
        #expect(APIKeyID.service.text == "_service")
        #expect(PlanID.fallback.text == "free")
    }
}
