/// Reads one document piece by piece, in place, without making a tree of it.
///
///     enum Member: Int, JSONMemberName {
///         case meter
///         case amount
///
///         var name: StaticString {
///             switch self {
///             case .meter: "meter"
///             case .amount: "amount"
///             }
///         }
///     }
///
///     var reader = JSONReader(bytes)
///     var charge = try reader.beginObject()
///     while let member: Member = try reader.nextMember(of: &charge) {
///         switch member {
///         case .meter: meter = try reader.string()
///         case .amount: amount = try reader.integer()
///         }
///     }
///     try reader.end()
///
/// What it lets through, ``JSONValue`` lets through too and reads as the same values: one parser is
/// behind both. It refuses more, because it is made for the documents that are common and says
/// nothing about the others: members that nobody asked for, names with escapes. After a refusal
/// either go back to a ``mark()``, or parse the whole document as a ``JSONValue``, which knows what
/// is wrong with it and where.
///
/// The caller takes exactly one value after each name and for each element.
public struct JSONReader: ~Copyable {
    /// What stands here is not what was asked for: another value, or no JSON at all.
    public struct Refusal: Error {
        /// Creates a refusal, for a caller to whom a value is of no use.
        @inlinable
        public init() {}
    }

    /// An object or array that is open.
    @frozen
    public struct Container: Sendable {
        /// Whether nothing has been read of it yet.
        @usableFromInline var isFirst = true
        /// The members that have come, as bits.
        @usableFromInline var seen: UInt64 = 0

        @inlinable
        init() {}
    }

    /// A place in the document, before a value.
    public struct Mark: Sendable {
        fileprivate let offset: Int
        fileprivate let depth: Int
    }

    // What follows is inlined where documents are read: each step takes a few instructions only.
    @usableFromInline
    var parser: JSONParser
    /// How many arrays and objects are open.
    @usableFromInline
    var depth = 0

    /// Begins at the first value of a document.
    ///
    /// - Parameters:
    ///   - bytes: The whole document in UTF-8; it must outlive the reader.
    ///   - maximumDepth: How deeply arrays and objects may be nested, at most 512.
    public init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        maximumDepth: Int = JSONValue.defaultMaximumDepth
    ) {
        parser = JSONParser(bytes, maximumDepth: min(maximumDepth, JSONValue.depthCeiling))
        parser.skipWhitespace()
    }

    // MARK: Objects and arrays

    /// Opens an object.
    @inlinable
    public mutating func beginObject() throws(Refusal) -> Container {
        try begin(UInt8(ascii: "{"))
    }

    /// Goes to the value of the next member; nil when there is none and the object is closed.
    ///
    /// A member of another name is refused, and one that comes twice.
    @inlinable
    public mutating func nextMember<Name: JSONMemberName>(
        of object: inout Container
    ) throws(Refusal) -> Name? {
        guard try nextName(of: &object) else { return nil }
        var index = 0
        while let member = Name(rawValue: index) {
            if isAt(member.name) {
                try enterMember(member.name, at: index, of: &object)
                return member
            }
            index += 1
        }
        throw Refusal()
    }

    /// Opens an array.
    @inlinable
    public mutating func beginArray() throws(Refusal) -> Container {
        try begin(UInt8(ascii: "["))
    }

    /// Goes to the next element; false when there is none and the array is closed.
    @inlinable
    public mutating func nextElement(of array: inout Container) throws(Refusal) -> Bool {
        try next(of: &array, before: UInt8(ascii: "]"))
    }

    /// Makes sure that nothing follows the document's value.
    public mutating func end() throws(Refusal) {
        parser.skipWhitespace()
        guard depth == 0, parser.offset == parser.bytes.count else { throw Refusal() }
    }

    // MARK: Values

    /// Steps over `null`; false when something else stands here.
    @inlinable
    public mutating func null() throws(Refusal) -> Bool {
        guard parser.current == UInt8(ascii: "n") else { return false }
        try nullWord()
        return true
    }

    @usableFromInline
    mutating func nullWord() throws(Refusal) {
        try ask { (parser) throws(JSONFailure) in try parser.word("null") }
    }

    /// A string, unescaped.
    public mutating func string() throws(Refusal) -> String {
        guard parser.current == UInt8(ascii: "\"") else { throw Refusal() }
        return try ask { (parser) throws(JSONFailure) in try parser.string() }
    }

    /// An integer, written as one; `-0` is none.
    public mutating func integer() throws(Refusal) -> Int64 {
        guard let integer = try ask({ (parser) throws(JSONFailure) in try parser.integer() }) else {
            throw Refusal()
        }
        return integer
    }

    /// Any value, as a tree.
    public mutating func value() throws(Refusal) -> JSONValue {
        let depth = depth
        return try ask { (parser) throws(JSONFailure) in try parser.value(depth: depth) }
    }

    /// Steps over any value, and says where its bytes lie in the document.
    @discardableResult
    public mutating func skip() throws(Refusal) -> Range<Int> {
        let start = parser.offset
        // The names in it have to be compared with each other, which the tree does.
        _ = try value()
        return start..<parser.offset
    }

    // MARK: Going back

    /// This place, where a value begins.
    public func mark() -> Mark {
        Mark(offset: parser.offset, depth: depth)
    }

    /// Goes back to a value in an array or object that is still open.
    public mutating func goBack(to mark: Mark) {
        parser.offset = mark.offset
        depth = mark.depth
    }

    // MARK: Details

    /// Steps over the quote before the next name; false at the object's end.
    @inlinable
    mutating func nextName(of object: inout Container) throws(Refusal) -> Bool {
        guard try next(of: &object, before: UInt8(ascii: "}")) else { return false }
        guard parser.skip(UInt8(ascii: "\"")) else { throw Refusal() }
        return true
    }

    /// Whether a name and its closing quote stand here.
    @inlinable
    func isAt(_ name: StaticString) -> Bool {
        let (count, known) = (name.utf8CodeUnitCount, name.utf8Start)
        guard parser.bytes.count - parser.offset > count, let bytes = parser.bytes.baseAddress
        else { return false }
        let here = bytes + parser.offset
        guard here[count] == UInt8(ascii: "\"") else { return false }
        var index = 0
        while index < count, here[index] == known[index] { index &+= 1 }
        return index == count
    }

    /// Steps over a name that stands here, to its value.
    @inlinable
    mutating func enterMember(
        _ name: StaticString,
        at index: Int,
        of object: inout Container
    ) throws(Refusal) {
        let bit: UInt64 = 1 << UInt64(index)
        guard object.seen & bit == 0 else { throw Refusal() }
        object.seen |= bit
        parser.offset += name.utf8CodeUnitCount + 1
        parser.skipWhitespace()
        guard parser.skip(UInt8(ascii: ":")) else { throw Refusal() }
        parser.skipWhitespace()
    }

    @inlinable
    mutating func begin(_ bracket: UInt8) throws(Refusal) -> Container {
        guard parser.current == bracket, depth < parser.maximumDepth else { throw Refusal() }
        depth += 1
        parser.offset += 1
        return Container()
    }

    /// Goes to the next name or element; false at the closing bracket, over which it steps.
    @inlinable @inline(__always)
    mutating func next(
        of container: inout Container,
        before bracket: UInt8
    ) throws(Refusal) -> Bool {
        parser.skipWhitespace()
        if parser.skip(bracket) {
            depth -= 1
            return false
        }
        if container.isFirst {
            container.isFirst = false
        } else {
            guard parser.skip(UInt8(ascii: ",")) else { throw Refusal() }
            parser.skipWhitespace()
        }
        return true
    }

    private mutating func ask<Answer>(
        _ question: (inout JSONParser) throws(JSONFailure) -> Answer
    ) throws(Refusal) -> Answer {
        do throws(JSONFailure) {
            return try question(&parser)
        } catch {
            throw Refusal()
        }
    }
}
