import StrictJSON
import Testing

@Suite("Parsing")
struct ParsingTests {
    @Test(
        "what RFC 8259 allows is read as what it means",
        arguments: [
            ("null", nil),
            (" true\n", true),
            ("\tfalse\r\n", false),
            ("0", 0),
            ("-12", -12),
            (#""""#, ""),
            (#""a/b""#, "a/b"),
            ("\"\u{7F}é\u{2028}\u{2029}😀\"", "\u{7F}é\u{2028}\u{2029}😀"),
            ("[]", []),
            ("[ ]", []),
            ("[1 , [2],{}]", [1, [2], [:]]),
            ("{}", [:]),
            ("{ }", [:]),
            (#"{"a":1 , "b" : {"a":[null]}}"#, ["a": 1, "b": ["a": [nil]]]),
            (#"{"":""}"#, ["": ""]),
        ] as [(String, JSONValue)]
    )
    func accepts(text: String, expected: JSONValue) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        "what it does not allow is refused, with the place and the reason",
        arguments: [
            ("", 0, "expected a value, found the end of the document"),
            ("  ", 2, "expected a value, found the end of the document"),
            ("\u{FEFF}{}", 0, "expected a value, found a byte order mark"),
            ("\0", 0, "expected a value, found the byte 0x0"),
            ("\u{A0}1", 0, "expected a value, found the byte 0xC2"),
            ("{} x", 3, "expected the end of the document, found 'x'"),
            ("{}{}", 2, "expected the end of the document, found '{'"),
            ("1 2", 2, "expected the end of the document, found '2'"),
            ("{}\0", 2, "expected the end of the document, found the byte 0x0"),
            ("[1,]", 3, "expected a value, found ']'"),
            ("[,1]", 1, "expected a value, found ','"),
            ("[1 2]", 3, "expected ',' or ']' after an element, found '2'"),
            ("[", 1, "expected a value, found the end of the document"),
            ("[1", 2, "expected ',' or ']' after an element, found the end of the document"),
            ("[1}", 2, "expected ',' or ']' after an element, found '}'"),
            (#"{"a":1,}"#, 7, "expected a member name in quotes, found '}'"),
            (#"{"a" 1}"#, 5, "expected ':' after a member name, found '1'"),
            (#"{"a":}"#, 5, "expected a value, found '}'"),
            (#"{"a":1 "b":2}"#, 7, "expected ',' or '}' after a member, found '\"'"),
            ("{a:1}", 1, "expected a member name in quotes, found 'a'"),
            ("{'a':1}", 1, "expected a member name in quotes, found '''"),
            ("{1:1}", 1, "expected a member name in quotes, found '1'"),
            ("tru", 0, "expected a value, found a word that is not 'true'"),
            ("nul1", 0, "expected a value, found a word that is not 'null'"),
            ("truely", 4, "expected the end of the document, found 'l'"),
            ("True", 0, "expected a value, found 'T'"),
            ("// note\n1", 0, "expected a value, found '/'"),
            ("[1 /* one */]", 3, "expected ',' or ']' after an element, found '/'"),
        ]
    )
    func refuses(text: String, offset: Int, message: String) throws {
        let error = try #require(refusal(of: text), "\(text) was accepted")
        #expect(error.message == message)
        #expect(error.offset == offset)
        #expect(error.code == .malformed)
        #expect(error.pointer == nil)
    }

    @Test("line and column count characters, from 1")
    func places() throws {
        let error = try #require(refusal(of: "{\n \"é\": 1,\n \"é😀\": ]}"))
        #expect(error.line == 3)
        #expect(error.column == 8)
        #expect(error.description == "line 3, column 8: expected a value, found ']'")
    }

    @Test("64 levels are read, 65 are refused")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func nestedObjects(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(64)) }
        #expect(throws: Never.self) { try parse(nestedObjects(64)) }
        let error = try #require(refusal(of: nested(65)))
        #expect(error.code == .tooDeep)
        #expect(error.offset == 64)
        #expect(error.message == "arrays and objects are nested more than 64 levels deep")
        #expect(refusal(of: nestedObjects(65))?.code == .tooDeep)
    }

    @Test(
        "the depth is a parameter, up to what a stack holds",
        arguments: [(0, 0), (1, 1), (100, 100), (100_000, 512), (.max, 512), (-1, 0), (.min, 0)]
    )
    func depthParameter(asked: Int, allowed: Int) throws {
        func parseNested(_ depth: Int) throws(JSONSyntaxError) {
            let text =
                String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
            _ = try JSONValue(parsing: text.utf8, maximumDepth: asked)
        }
        #expect(throws: Never.self) { try parseNested(allowed) }
        #expect(throws: JSONSyntaxError.self) { try parseNested(allowed + 1) }
    }

    @Test("no prefix of a document is a document, and none traps")
    func prefixes() throws {
        let bytes = Array(specimen.utf8)
        #expect(refusal(of: bytes) == nil)
        for count in bytes.indices {
            #expect(refusal(of: Array(bytes[..<count])) != nil, "the first \(count) bytes")
        }
    }

    @Test("every kind of collection is read, contiguous or not")
    func collections() throws {
        let bytes = Array(specimen.utf8)
        let expected = try JSONValue(parsing: bytes)
        #expect(try JSONValue(parsing: bytes.span) == expected)
        #expect(try JSONValue(parsing: bytes[...]) == expected)
        #expect(try JSONValue(parsing: bytes.lazy.map { $0 }) == expected)
        #expect(try bytes.withUnsafeBytes { try JSONValue(parsing: $0) } == expected)
    }
}
