/// Reads one document by recursive descent, over bytes that outlive it.
///
/// All reading goes through ``current``, which is 0 at the end: no valid document has a 0 byte
/// outside a string, and inside a string it is a control character, so the end needs no check of
/// its own where a byte is expected.
@usableFromInline
struct JSONParser {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let maximumDepth: Int
    /// Where we are, in `0...bytes.count`.
    @usableFromInline var offset = 0
    /// Strings with escapes are put together here; kept to reuse its memory.
    var scratch: [UInt8] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The byte here, or 0 at the end.
    @inlinable var current: UInt8 {
        offset < bytes.count ? bytes[offset] : 0
    }

    mutating func document() throws(JSONFailure) -> JSONValue {
        skipWhitespace()
        let document = try value(depth: 0)
        skipWhitespace()
        guard offset == bytes.count else { throw unexpected("the end of the document") }
        return document
    }

    /// A value that lies inside `depth` arrays and objects.
    mutating func value(depth: Int) throws(JSONFailure) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONFailure) -> JSONObject {
        try enter(depth)
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        var members: [JSONObject.Member] = []
        var names = MemberNames()
        repeat {
            skipWhitespace()
            let start = offset
            guard current == UInt8(ascii: "\"") else { throw unexpected("a member name in quotes") }
            let name = try string()
            guard names.insert(name, after: members) else { throw duplicate(name, at: start) }
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected("':' after a member name") }
            skipWhitespace()
            do throws(JSONFailure) {
                members.append(.init(name: name, value: try value(depth: depth)))
            } catch {
                throw error.inside(name)
            }
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw unexpected("',' or '}' after a member") }
        return JSONObject(uniqueMembers: members)
    }

    private mutating func array(depth: Int) throws(JSONFailure) -> [JSONValue] {
        try enter(depth)
        if skip(UInt8(ascii: "]")) { return [] }
        var elements: [JSONValue] = []
        repeat {
            skipWhitespace()
            do throws(JSONFailure) {
                elements.append(try value(depth: depth))
            } catch {
                throw error.inside(String(elements.count))
            }
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw unexpected("',' or ']' after an element") }
        return elements
    }

    /// Steps over the bracket that opens level `depth`, and the white space after it.
    private mutating func enter(_ depth: Int) throws(JSONFailure) {
        guard depth <= maximumDepth else {
            let message = "arrays and objects are nested more than \(maximumDepth) levels deep"
            throw JSONFailure(message, at: offset, code: .tooDeep)
        }
        offset += 1
        skipWhitespace()
    }

    mutating func word(_ word: StaticString) throws(JSONFailure) {
        let start = offset
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        for byte in expected {
            guard skip(byte) else {
                throw JSONFailure("expected a value, found a word that is not '\(word)'", at: start)
            }
        }
    }

    /// Steps over `byte`, if it is the one here.
    @inlinable
    mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    @inlinable @inline(__always)
    mutating func skipWhitespace() {
        // Most documents have none, and then one look is enough.
        if current <= UInt8(ascii: " ") { skipWhitespaceRun() }
    }

    @usableFromInline
    mutating func skipWhitespaceRun() {
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                offset += 1
            default: return
            }
        }
    }
}
