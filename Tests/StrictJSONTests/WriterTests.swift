import StrictJSON
import Testing

@Suite("Writing")
struct WriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("a document as the server writes it")
    func document() {
        let text = written { writer in
            writer.object {
                $0.member("allowed", true)
                $0.member("tenant", "acme")
                $0.member("key", String?.none)
                $0.array("limits") {
                    for used in [Int64(0), 1200] {
                        $0.object {
                            $0.member("used", used)
                            $0.member("share", 0.5)
                        }
                    }
                }
                $0.object("empty") { _ in }
                $0.null("denied_by")
                $0.member(named: "a\"b", ["x", "y"])
                $0.raw("stored", #"{"a":1}"#.utf8)
            }
        }
        #expect(
            text == """
                {"allowed":true,"tenant":"acme","key":null,"limits":[{"used":0,"share":0.5},\
                {"used":1200,"share":0.5}],"empty":{},"denied_by":null,"a\\"b":["x","y"],\
                "stored":{"a":1}}
                """
        )
    }

    @Test("begin and end do the same")
    func beginEnd() {
        let text = written { writer in
            writer.beginArray()
            writer.beginObject()
            writer.name("a")
            writer.beginArray()
            writer.endArray()
            writer.name(named: "b")
            writer.value(1)
            writer.endObject()
            writer.null()
            writer.raw("[2]".utf8)
            writer.value(false)
            writer.endArray()
        }
        #expect(text == #"[{"a":[],"b":1},null,[2],false]"#)
    }

    @Test("what is put down in place stands between commas like anything else")
    func inPlace() {
        let text = written { writer in
            writer.array {
                for value in [0, 9, 10, -1, .max, .min] as [Int64] {
                    $0.raw(upTo: ByteCursor.maximumDecimalBytes) { $0.put(decimal: value) }
                }
                $0.object {
                    $0.member("a", 1)
                    $0.raw(upTo: 20) { cursor in
                        cursor.put(#""b":"#)
                        cursor.put(UInt8(ascii: "\""))
                        cursor.put(upTo: 3) { start in
                            start.initialize(repeating: UInt8(ascii: "x"), count: 2)
                            return 2
                        }
                        cursor.put(UInt8(ascii: "\""))
                    }
                    $0.null("c")
                }
            }
        }
        #expect(
            text == """
                [0,9,10,-1,9223372036854775807,-9223372036854775808,\
                {"a":1,"b":"xx","c":null}]
                """)
    }

    @Test("an error thrown while writing comes out as it is")
    func errors() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.array { _ throws(Stop) in throw Stop() } }
    }

    @Test(
        "integers",
        arguments: [
            0, 9, 10, -1, 100, 9_007_199_254_740_991, -9_007_199_254_740_993, .max, .min,
        ] as [Int64]
    )
    func integers(value: Int64) {
        #expect(written { $0.value(value) } == value.description)
    }

    @Test(
        "doubles are written shortest, and only when they are finite",
        arguments: [
            (85, "85.0"), (0.1, "0.1"), (-0.0, "-0.0"), (1e300, "1e+300"),
            (.leastNonzeroMagnitude, "5e-324"),
            (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)]
    )
    func doubles(value: Double, expected: String) throws {
        let text = written { $0.value(value) }
        #expect(text == expected)
        if value.isFinite { #expect(try parse(text).numberValue?.double == value) }
    }

    @Test(
        "strings are escaped where they must be, and nowhere else",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("é😀/\u{7F}", "\"é😀/\u{7F}\""),
            ("\"", #""\"""#), ("a\\b", #""a\\b""#), ("\"\"x", #""\"\"x""#),
            ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#), ("\0\u{1}\u{F}\u{10}\u{1F}", controls),
            ("\u{2028}\u{2029}", "\"\u{2028}\u{2029}\""),
        ]
    )
    func strings(value: String, expected: String) {
        #expect(written { $0.value(value) } == expected)
    }

    private static let controls = #""\u0000\u0001\u000f\u0010\u001f""#

    @Test("canonical bytes sort members by UTF-8 and drop white space, and keep numbers")
    func canonical() throws {
        let value = try parse(
            #"{"b":[{"z":1.0,"y":1e3}], "a":"\u0041\/", "\ue000":1, "\ud83d\ude00":2, "":0}"#
        )
        let expected = #"{"":0,"a":"A/","b":[{"y":1e3,"z":1.0}],"\#u{E000}":1,"😀":2}"#
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self) == expected)
        let again = try JSONValue(parsing: value.canonicalBytes)
        #expect(again.canonicalBytes == value.canonicalBytes)
    }

    @Test("a document is written back as it came")
    func roundTrip() throws {
        let value = try parse(specimen)
        #expect(try JSONValue(parsing: value.encodedBytes) == value)
        let compact = #"{"b":-0,"a":[1.50,1e+3,"x",null,true,false,{}]}"#
        #expect(try parse(compact).description == compact)
    }

    @Test("pointers escape what they must")
    func pointers() {
        #expect(JSONPointer.root.description == "")
        let amount = JSONPointer.root.member("charges").element(0).member("amount")
        #expect(amount.description == "/charges/0/amount")
        #expect(JSONPointer.root.member("a/b~c").member("").description == "/a~1b~0c/")
        #expect(JSONPointer.root.member("~1").description == "/~01")
    }
}
