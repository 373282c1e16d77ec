/// A value that writes itself as one JSON value.
public protocol JSONWritable {
    /// Writes exactly one value.
    func write(to writer: inout JSONWriter)
}

extension Bool: JSONWritable {
    /// Writes `true` or `false`.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.value(self)
    }
}

extension Int64: JSONWritable {
    /// Writes the integer.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.value(self)
    }
}

extension Int: JSONWritable {
    /// Writes the integer.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.value(Int64(self))
    }
}

extension Double: JSONWritable {
    /// Writes the shortest literal that reads back as this; `null` when it is not finite.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.value(self)
    }
}

extension String: JSONWritable {
    /// Writes the string, escaped.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.value(self)
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// Writes the value, or `null`.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Writes an array of the elements.
    @inlinable
    public func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { element.write(to: &writer) }
        }
    }
}
