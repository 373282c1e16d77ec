import QuotaTesting
import StrictJSON
import Testing

@Suite("Reading without a tree")
struct ReaderTests {
    private enum Member: Int, JSONMemberName {
        case name
        case count
        case list
        case rest

        var name: StaticString {
            switch self {
            case .name: "name"
            case .count: "count"
            case .list: "list"
            case .rest: "rest"
            }
        }
    }

    private static let document =
        #" {"name":"a\u00e9\n","count":-12 ,"list":[1, 2],"rest":{"x":[null]}} "#

    /// What a reader makes of a document of ``Member``s; nil when it refuses.
    ///
    /// `name` may be a string or null, `list` is one of integers, and `rest` anything.
    private func read(_ bytes: [UInt8], maximumDepth: Int = 64) -> JSONValue? {
        bytes.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes, maximumDepth: maximumDepth)
            do throws(JSONReader.Refusal) {
                let object = try object(&reader)
                try reader.end()
                return .object(object)
            } catch {
                return nil
            }
        }
    }

    private func object(_ reader: inout JSONReader) throws(JSONReader.Refusal) -> JSONObject {
        var result = JSONObject()
        var object = try reader.beginObject()
        while let member: Member = try reader.nextMember(of: &object) {
            switch member {
            case .name:
                result["name"] = try reader.null() ? .null : .string(try reader.string())
            case .count: result["count"] = .number(JSONNumber(try reader.integer()))
            case .list:
                var elements: [JSONValue] = []
                var list = try reader.beginArray()
                while try reader.nextElement(of: &list) {
                    elements.append(.number(JSONNumber(try reader.integer())))
                }
                result["list"] = .array(elements)
            case .rest:
                // Once stepped over and once read, from the same place.
                let mark = reader.mark()
                try reader.skip()
                reader.goBack(to: mark)
                result["rest"] = try reader.value()
            }
        }
        return result
    }

    private func read(_ text: String, maximumDepth: Int = 64) -> JSONValue? {
        read(Array(text.utf8), maximumDepth: maximumDepth)
    }

    @Test("a document is read as the tree has it")
    func reads() throws {
        #expect(read(Self.document) == (try parse(Self.document)))
        #expect(read("{}") == [:])
        #expect(
            read(#"{"list":[],"name":null}"#) == ["list": [], "name": nil as JSONValue? ?? .null])
    }

    @Test(
        "what is no JSON, or not what was asked for, is refused",
        arguments: [
            "", " ", "{", "}", "[]", "5", #"{"name"}"#, #"{"name":}"#, #"{"name":"a"#,
            #"{"name":"a",}"#, #"{,"name":"a"}"#, #"{"name":"a" "count":1}"#, #"{"name":"a"}x"#,
            #"{"name":"a"}{}"#, #"{"name":5}"#, #"{"count":"1"}"#, #"{"count":1.0}"#,
            #"{"count":1e3}"#, #"{"count":01}"#, #"{"count":-}"#, #"{"count":-0}"#,
            #"{"count":9223372036854775808}"#, #"{"list":[1,]}"#, #"{"list":[,1]}"#,
            #"{"list":[1 2]}"#, #"{"list":[1}"#, #"{"list":{}}"#, #"{"name":nul}"#,
            #"{"name":"\ud800"}"#, #"{"name":"\x"}"#, "{\"name\":\"\n\"}", "\u{FEFF}{}",
            #"{"name":"a","name":"a"}"#, #"{"rest":{"a":1,"a":2}}"#, #"{"rest":[tru]}"#,
            #"{"other":1}"#, #"{"nam":"a"}"#, #"{"names":"a"}"#, #"{"":1}"#, #"{"n\u0061me":"a"}"#,
            "{'name':'a'}",
        ])
    func refuses(text: String) {
        #expect(read(text) == nil)
    }

    @Test("strings that are no UTF-8 are refused", arguments: [[0xC3, 0x28], [0x80], [0xFF]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(read(Array(#"{"name":""#.utf8) + bytes + Array(#""}"#.utf8)) == nil)
    }

    @Test("the depth is bounded, whoever goes down")
    func depth() {
        #expect(read(#"{"list":[1]}"#, maximumDepth: 2) != nil)
        #expect(read(#"{"list":[1]}"#, maximumDepth: 1) == nil)
        #expect(read(#"{"rest":[[1]]}"#, maximumDepth: 3) != nil)
        #expect(read(#"{"rest":[[1]]}"#, maximumDepth: 2) == nil)
        #expect(read("{}", maximumDepth: 0) == nil)
    }

    @Test("a value that was stepped over says where its bytes lie")
    func ranges() throws {
        let bytes = Array(#"  [ {"a": [1]} ,2 ]"#.utf8)
        try bytes.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes)
            var array = try reader.beginArray()
            var texts: [String] = []
            while try reader.nextElement(of: &array) {
                texts.append(String(decoding: bytes[try reader.skip()], as: UTF8.self))
            }
            try reader.end()
            #expect(texts == [#"{"a": [1]}"#, "2"])
        }
    }

    @Test("special bytes are found at every place of a string of every length")
    func places() throws {
        for count in 0..<20 {
            for place in 0...count {
                let (before, after) = (
                    String(repeating: "a", count: place),
                    String(repeating: "~", count: count - place)
                )
                for special in [#"\""#, #"\\"#, "é", "\u{7F}"] {
                    let text = #"{"name":""# + before + special + after + #""}"#
                    #expect(read(text) == (try parse(text)), "\(text)")
                }
                for control: UInt8 in [0, 9, 0x1F, 0x80, 0xFF] {
                    let bytes =
                        Array((#"{"name":""# + before).utf8) + [control]
                        + Array((after + #""}"#).utf8)
                    #expect(read(bytes) == nil, "\(count) \(place) \(control)")
                    #expect(refusal(of: bytes) != nil)
                }
            }
        }
    }

    @Test(
        "what is let through is what the tree has, whatever is done to a document",
        arguments: [11, 12, 13] as [UInt64])
    func mutations(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let source = Array(Self.document.utf8)
        let alphabet = Array(#"{}[]",:0123456789-+.eE\/untrfalsb "#.utf8) + [0, 0x0A, 0x80, 0xC3]
        var readCount = 0
        for round in 0..<5_000 {
            var bytes = source
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                guard let index = bytes.indices.randomElement(using: &random) else { break }
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random)!
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(alphabet.randomElement(using: &random)!, at: index)
                default: bytes.removeSubrange(index...)
                }
            }
            guard let value = read(bytes) else { continue }
            readCount += 1
            #expect(value == (try JSONValue(parsing: bytes)), "seed \(seed), round \(round)")
        }
        #expect(readCount > 1_000)
    }
}
