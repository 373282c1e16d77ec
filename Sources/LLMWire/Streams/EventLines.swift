/// The data of an event, as the HTML standard, section 9.2.6, reads it.
struct EventLines {
    private static let field: StaticString = "data"

    /// Where the data stands in the event, if it is one line.
    private(set) var data: Range<Int>?
    /// The data when it is several lines, with line feeds between them.
    private(set) var joined: [UInt8]?

    /// Reads an event; `start` is behind a byte order mark.
    init(_ event: UnsafeRawBufferPointer, from start: Int) {
        guard let bytes = event.baseAddress else { return }
        var at = start
        while at < event.count {
            let end = ByteSearch.endOfLine(bytes, from: at, to: event.count)
            if let value = Self.data(bytes, at, end) { add(value, of: event) }
            // A line feed behind a carriage return is one more blank line, which says nothing.
            at = end + 1
        }
    }

    private mutating func add(_ value: Range<Int>, of event: UnsafeRawBufferPointer) {
        guard let first = data else {
            data = value
            return
        }
        if joined == nil { joined = Array(event[first]) }
        joined?.append(UInt8(ascii: "\n"))
        joined?.append(contentsOf: event[value])
    }

    /// The value of a line whose field is `data`.
    private static func data(_ bytes: UnsafeRawPointer, _ start: Int, _ end: Int) -> Range<Int>? {
        let length = field.utf8CodeUnitCount
        guard end - start >= length,
            ByteSearch.areEqual(bytes + start, field.utf8Start, length)
        else { return nil }
        var value = start + length
        // A field without a colon has the empty value.
        guard value < end else { return end..<end }
        guard ByteSearch.byte(bytes, value) == UInt8(ascii: ":") else { return nil }
        value += 1
        if value < end, ByteSearch.byte(bytes, value) == UInt8(ascii: " ") { value += 1 }
        return value..<end
    }
}
