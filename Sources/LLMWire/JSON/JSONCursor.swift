/// Steps over one JSON document without making anything of it.
///
/// Everything is checked as RFC 8259 says, but for UTF-8, which ``UTF8Check`` looks at for the
/// whole document, and member names that appear twice, of which only readers can know whether they
/// matter. It must not outlive the bytes. A cursor that threw is not used again.
struct JSONCursor {
    /// How deeply arrays and objects may be nested: `[[1]]` needs 2.
    static let maximumDepth = 128

    let bytes: UnsafeRawPointer
    let count: Int
    /// Where we are, in `0...count`.
    var offset = 0
    /// How many arrays and objects we are in.
    private var depth = 0

    /// A cursor at the start of a document that is known to be UTF-8, and is not empty.
    init(_ bytes: UnsafeRawPointer, count: Int) {
        self.bytes = bytes
        self.count = count
    }

    /// The byte here, or 0 at the end: no document has a 0 byte outside a string.
    @inline(__always) var current: UInt8 {
        offset < count ? ByteSearch.byte(bytes, offset) : 0
    }

    /// The failure that what stands here is not what has to.
    func unexpected() -> JSONFault {
        JSONFault(kind: offset < count ? .unexpectedByte : .unexpectedEnd, offset: offset)
    }

    // MARK: Containers

    /// Reads a document that is an object; `member` is called as by ``members(_:)``.
    @inline(__always)
    mutating func document(
        _ member: (inout JSONCursor, JSONText) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        if let fault = UTF8Check.firstFault(bytes, from: 0, to: count) {
            throw JSONFault(kind: .notUTF8, offset: fault)
        }
        skipWhitespace()
        guard current == UInt8(ascii: "{") else { throw unexpected() }
        try members(member)
        skipWhitespace()
        guard offset == count else { throw unexpected() }
    }

    /// Reads an object; `member` is told each name and has to step over the value.
    @inline(__always)
    mutating func members(
        _ member: (inout JSONCursor, JSONText) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try enter()
        if skip(UInt8(ascii: "}")) { return leave() }
        repeat {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try string()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected() }
            skipWhitespace()
            try member(&self, name)
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw unexpected() }
        leave()
    }

    /// Reads an array; `element` has to step over each value.
    @inline(__always)
    mutating func elements(
        _ element: (inout JSONCursor) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try enter()
        if skip(UInt8(ascii: "]")) { return leave() }
        repeat {
            skipWhitespace()
            try element(&self)
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw unexpected() }
        leave()
    }

    @inline(__always)
    private mutating func enter() throws(JSONFault) {
        guard depth < Self.maximumDepth else {
            throw JSONFault(kind: .tooDeep, offset: offset)
        }
        depth += 1
        offset += 1
        skipWhitespace()
    }

    @inline(__always)
    private mutating func leave() {
        depth -= 1
    }

    // MARK: Values

    /// Steps over any value.
    mutating func skipValue() throws(JSONFault) {
        switch current {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"):
            try members { (cursor, _) throws(JSONFault) in try cursor.skipValue() }
        case UInt8(ascii: "["):
            try elements { (cursor) throws(JSONFault) in try cursor.skipValue() }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: throw unexpected()
        }
    }

    /// Whether `null` stands here, over which it steps.
    @inline(__always)
    mutating func skipNull() throws(JSONFault) -> Bool {
        guard current == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// `true` or `false`, over which it steps; nil when something else stands here.
    mutating func boolean() throws(JSONFault) -> Bool? {
        switch current {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: return nil
        }
    }

    /// A string, over which it steps; nil when something else stands here.
    @inline(__always)
    mutating func stringIfPresent() throws(JSONFault) -> JSONText? {
        current == UInt8(ascii: "\"") ? try string() : nil
    }

    @inline(__always)
    private mutating func word(_ word: StaticString) throws(JSONFault) {
        let length = word.utf8CodeUnitCount
        if count - offset >= length, ByteSearch.areEqual(bytes + offset, word.utf8Start, length) {
            offset += length
            return
        }
        for expected in UnsafeBufferPointer(start: word.utf8Start, count: length) {
            guard skip(expected) else { throw unexpected() }
        }
    }

    /// Steps over `byte`, if it is the one here.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < count, ByteSearch.byte(bytes, offset) == byte else { return false }
        offset += 1
        return true
    }

    @inline(__always)
    mutating func skipWhitespace() {
        // Most documents have none, and then one look is enough.
        if current <= UInt8(ascii: " ") { skipWhitespaceRun() }
    }

    private mutating func skipWhitespaceRun() {
        while offset < count {
            switch ByteSearch.byte(bytes, offset) {
            case UInt8(ascii: " "), 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }
}
