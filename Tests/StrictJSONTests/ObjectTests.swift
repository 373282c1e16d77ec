import StrictJSON
import Testing

@Suite("Objects")
struct ObjectTests {
    @Test("members keep their order and are found by name")
    func order() throws {
        let object = try #require(try parse(#"{"b":1,"a":2,"c":3}"#).objectValue)
        #expect(object.members.map(\.name) == ["b", "a", "c"])
        #expect(object["a"] == 2)
        #expect(object["d"] == nil)
    }

    @Test("names are equal byte by byte, not as Unicode sees it")
    func byteEquality() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        let value = try parse(#"{"\#(composed)":1,"\#(decomposed)":2}"#)
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
        #expect(JSONValue.string(composed) != .string(decomposed))
        // The same number of bytes, and still not the same.
        #expect(try parse("{\"\u{212B}\":1,\"A\u{30A}\":2}").objectValue?.members.count == 2)
    }

    @Test(
        "a name that appears twice is refused, with its pointer",
        arguments: [
            (#"{"a":1,"a":2}"#, "/a", 7),
            (#"{"a":1,"\u0061":2}"#, "/a", 7),
            (#"{"charges":[{},{"x~y/z":1,"b":1,"x~y/z":null}]}"#, "/charges/1/x~0y~1z", 32),
            (#"{"o":{"":1,"":2}}"#, "/o/", 11),
        ]
    )
    func duplicates(text: String, pointer: String, offset: Int) throws {
        let error = try #require(refusal(of: text))
        #expect(error.code == .duplicateMember)
        #expect(error.pointer?.description == pointer)
        #expect(error.offset == offset)
    }

    @Test("a duplicate is found in an object of any size", arguments: [1, 11, 12, 13, 14, 5_000])
    func manyMembers(count: Int) throws {
        let members = (0..<count).map { #""k\#($0)":\#($0)"# }
        let fine = try parse("{" + members.joined(separator: ",") + "}")
        #expect(fine.objectValue?.members.count == count)
        for repeated in Set([0, count / 2, count - 1]) {
            let text = "{" + (members + [#""k\#(repeated)":0"#]).joined(separator: ",") + "}"
            let error = try #require(refusal(of: text))
            #expect(error.pointer?.description == "/k\(repeated)")
            #expect(error.message == "the member name \"k\(repeated)\" appears twice in one object")
        }
    }

    @Test("the message clips a long name, the pointer does not")
    func longName() throws {
        let name = String(repeating: "n", count: 1_000)
        let error = try #require(refusal(of: #"{"\#(name)":1,"\#(name)":1}"#))
        #expect(error.message.count < 100)
        #expect(error.pointer?.description == "/" + name)
    }

    @Test("members are set, replaced and removed")
    func editing() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = nil
        object["c"] = [:]
        object["a"] = "one"
        #expect(JSONValue.object(object) == ["a": "one", "c": [:]])
        object["a"] = nil
        #expect(object.members == [.init(name: "c", value: [:])])
        object["c"] = .null
        #expect(JSONValue.object(object).description == #"{"c":null}"#)
    }

    @Test("accessors answer for their own kind only")
    func accessors() {
        let values: [JSONValue] = [nil, true, 5, "s", [1], ["k": 1]]
        #expect(values.map(\.isNull) == [true, false, false, false, false, false])
        #expect(values.compactMap(\.boolValue) == [true])
        #expect(values.compactMap(\.integerValue) == [5])
        #expect(values.compactMap(\.stringValue) == ["s"])
        #expect(values.compactMap(\.arrayValue) == [[1]])
        #expect(values.compactMap { $0["k"] } == [1])
        #expect(
            values.map(\.kindDescription)
                == ["null", "a Boolean", "a number", "a string", "an array", "an object"]
        )
    }
}
