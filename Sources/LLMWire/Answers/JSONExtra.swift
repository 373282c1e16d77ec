import NIOCore

/// The value of a further member of an error body.
package enum JSONExtra: Sendable {
    case string(String)
    case integer(Int64)
    case null
    /// An object; its names must differ.
    case object([(String, JSONExtra)])

    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .string(let text): buffer.writeJSONString(text)
        case .integer(let value): buffer.writeString(String(value))
        case .null: buffer.writeStaticString("null")
        case .object(let members):
            buffer.writeStaticString("{")
            var isFirst = true
            for (name, value) in members {
                if !isFirst { buffer.writeStaticString(",") }
                isFirst = false
                buffer.writeJSONString(name)
                buffer.writeStaticString(":")
                value.write(to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }
}
