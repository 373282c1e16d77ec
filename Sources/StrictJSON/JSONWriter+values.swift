extension JSONWriter {
    /// Writes any value that can write itself.
    @inlinable
    public mutating func value(_ value: some JSONWritable) {
        value.write(to: &self)
    }

    /// Writes `null`.
    public mutating func null() {
        literal("null")
    }

    /// Writes `true` or `false`.
    public mutating func value(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    /// Writes an integer.
    public mutating func value(_ value: Int64) {
        let comma = needsComma
        buffer.append(upTo: 1 + ByteCursor.maximumDecimalBytes) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(decimal: value)
        }
        needsComma = true
    }

    /// Writes the shortest literal that reads back as `value`, `85.0` for 85.
    ///
    /// JSON has no literal for infinities and NaN; they are written as `null`.
    public mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        buffer.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    /// Writes a string, escaped.
    public mutating func value(_ value: String) {
        var value = value
        value.withUTF8 { string($0) }
    }

    /// Writes a string of ASCII that needs no escapes and is put down in place.
    ///
    /// - Parameters:
    ///   - capacity: The most bytes it can have.
    ///   - write: Writes the string at a pointer and says how many bytes it has.
    @inlinable
    public mutating func asciiString(
        upTo capacity: Int,
        _ write: (UnsafeMutablePointer<UInt8>) -> Int
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            guard let start = buffer.baseAddress else { return }
            plainString(UnsafeBufferPointer(start: start, count: write(start)))
        }
    }

    /// Writes a value that is JSON already; it is not looked at.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        buffer.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a value, or members with commas between them, that is JSON already.
    public mutating func raw(_ json: [UInt8]) {
        let comma = needsComma
        json.withUnsafeBufferPointer { json in
            buffer.append(upTo: 1 + json.count) { cursor in
                if comma { cursor.put(UInt8(ascii: ",")) }
                cursor.put(json)
            }
        }
        needsComma = true
    }

    /// Writes a value, or members with commas between them, that is put down in place.
    ///
    /// - Parameters:
    ///   - capacity: the most bytes it has.
    ///   - write: writes it, without a comma before it.
    @inlinable @inline(__always)
    package mutating func raw(upTo capacity: Int, _ write: (inout ByteCursor) -> Void) {
        let comma = needsComma
        buffer.append(upTo: 1 + capacity) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            write(&cursor)
        }
        needsComma = true
    }

    private mutating func literal(_ text: StaticString) {
        let comma = needsComma
        buffer.append(upTo: 1 + text.utf8CodeUnitCount) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(text)
        }
        needsComma = true
    }

    private mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        guard PlainBytes.end(in: text, from: 0).offset < text.count else {
            return plainString(text)
        }
        let comma = needsComma
        buffer.append(upTo: 1 + ByteCursor.maximumBytes(ofString: text.count)) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(string: text)
        }
        needsComma = true
    }

    /// Writes a string that needs no escapes.
    @usableFromInline
    mutating func plainString(_ text: UnsafeBufferPointer<UInt8>) {
        let comma = needsComma
        buffer.append(upTo: 3 + text.count) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(UInt8(ascii: "\""))
            cursor.put(text)
            cursor.put(UInt8(ascii: "\""))
        }
        needsComma = true
    }
}
