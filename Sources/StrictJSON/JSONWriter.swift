/// Writes compact JSON into a byte buffer.
///
///     var writer = JSONWriter()
///     writer.object {
///         $0.member("allowed", true)
///         $0.array("limits") { $0.value(1) }
///         $0.null("denied_by")
///     }
///     // writer.bytes: {"allowed":true,"limits":[1],"denied_by":null}
///
/// Commas come by themselves: a value or name is preceded by one exactly when a value ended just
/// before it. The writer does not check that names stand in objects, and only there.
public struct JSONWriter: Sendable {
    @usableFromInline
    var buffer: [UInt8]
    /// Whether the next value or name in this array or object needs a comma before it.
    @usableFromInline
    var needsComma = false

    /// What has been written so far.
    @inlinable public var bytes: [UInt8] { buffer }

    /// An empty writer, with room for `capacity` bytes before it allocates again.
    public init(capacity: Int = 256) {
        buffer = []
        buffer.reserveCapacity(capacity)
    }

    /// Takes everything back and keeps the memory.
    public mutating func removeAll() {
        buffer.removeAll(keepingCapacity: true)
        needsComma = false
    }

    // MARK: Objects and arrays

    /// Writes an object; `body` writes its members.
    @inlinable
    public mutating func object<E>(
        _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes a member that is an object.
    @inlinable
    public mutating func object<E>(
        _ name: StaticString,
        _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) {
        self.name(name)
        try object(body)
    }

    /// Writes an array; `body` writes its elements.
    @inlinable
    public mutating func array<E>(
        _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Writes a member that is an array.
    @inlinable
    public mutating func array<E>(
        _ name: StaticString,
        _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) {
        self.name(name)
        try array(body)
    }

    /// Opens an object; ``endObject()`` closes it.
    public mutating func beginObject() {
        open(UInt8(ascii: "{"))
    }

    /// Closes the object that was opened last.
    public mutating func endObject() {
        close(UInt8(ascii: "}"))
    }

    /// Opens an array; ``endArray()`` closes it.
    public mutating func beginArray() {
        open(UInt8(ascii: "["))
    }

    /// Closes the array that was opened last.
    public mutating func endArray() {
        close(UInt8(ascii: "]"))
    }

    // MARK: Members

    /// Writes a member.
    @inlinable
    public mutating func member(_ name: StaticString, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes a member that is an integer.
    public mutating func member(_ name: StaticString, _ value: Int64) {
        appendName(name, room: ByteCursor.maximumDecimalBytes) { $0.put(decimal: value) }
        needsComma = true
    }

    /// Writes a member that is an integer, or `null`.
    public mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return null(name) }
        member(name, value)
    }

    /// Writes a member that is `true` or `false`.
    public mutating func member(_ name: StaticString, _ value: Bool) {
        appendName(name, room: 5) { $0.put(value ? "true" : "false") }
        needsComma = true
    }

    /// Writes a member whose name is known only at run time.
    @inlinable
    public mutating func member(named name: String, _ value: some JSONWritable) {
        self.name(named: name)
        value.write(to: &self)
    }

    /// Writes a member that is `null`.
    public mutating func null(_ name: StaticString) {
        self.name(name)
        null()
    }

    /// Writes a member whose value is JSON already.
    public mutating func raw(_ name: StaticString, _ json: some Collection<UInt8>) {
        self.name(name)
        raw(json)
    }

    /// Writes the name of a member; its value must come next.
    ///
    /// The name is written as it stands: it must be ASCII that needs no escapes.
    public mutating func name(_ name: StaticString) {
        appendName(name, room: 0) { _ in }
        needsComma = false
    }

    /// Writes the name of a member, escaped; its value must come next.
    public mutating func name(named name: String) {
        value(name)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Adds a name and what `value` writes after it, in one go.
    @inline(__always)
    private mutating func appendName(
        _ name: StaticString,
        room: Int,
        _ value: (inout ByteCursor) -> Void
    ) {
        let ascii = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        assert(!ascii.contains(where: PlainBytes.isSpecial), "a static name that needs escapes")
        let comma = needsComma
        buffer.append(upTo: 4 + ascii.count + room) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(UInt8(ascii: "\""))
            cursor.put(ascii)
            cursor.put(UInt8(ascii: "\""))
            cursor.put(UInt8(ascii: ":"))
            value(&cursor)
        }
    }

    // MARK: Commas

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.append(bracket)
        needsComma = true
    }

    /// Writes the comma before a value or a name, if there is to be one.
    mutating func separate() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
    }
}
