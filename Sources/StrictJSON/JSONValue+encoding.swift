extension JSONValue {
    /// The value as compact JSON, members in their order.
    public var encodedBytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The value as compact JSON, members sorted by the UTF-8 bytes of their names.
    ///
    /// Two documents have the same canonical bytes exactly when they differ in nothing but white
    /// space, the spelling of escapes and the order of members. Numbers are written as they came:
    /// `1` and `1.0` differ. Good for comparing and hashing requests; this is not RFC 8785.
    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writeCanonically(to: &writer)
        return writer.bytes
    }

    private func writeCanonically(to writer: inout JSONWriter) {
        switch self {
        case .array(let elements):
            writer.array { writer in
                for element in elements { element.writeCanonically(to: &writer) }
            }
        case .object(let object):
            let sorted = object.members.sorted { left, right in
                left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            }
            writer.object { writer in
                for member in sorted {
                    writer.name(named: member.name)
                    member.value.writeCanonically(to: &writer)
                }
            }
        case .null, .bool, .number, .string:
            write(to: &writer)
        }
    }
}

extension JSONValue: JSONWritable {
    /// Writes the value, members in their order.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.value(value)
        case .number(let value): value.write(to: &writer)
        case .string(let value): writer.value(value)
        case .array(let elements): elements.write(to: &writer)
        case .object(let object): object.write(to: &writer)
        }
    }
}

extension JSONObject: JSONWritable {
    /// Writes the object, members in their order.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for member in members { writer.member(named: member.name, member.value) }
        }
    }
}
