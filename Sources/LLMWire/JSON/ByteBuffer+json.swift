import NIOCore

extension ByteBuffer {
    /// Writes a string with its quotes, escaped where it has to be.
    mutating func writeJSONString(_ text: String) {
        writeStaticString("\"")
        var text = text
        text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return }
            var runStart = 0
            while true {
                let end = ByteSearch.endOfPlain(start, from: runStart, to: bytes.count)
                writeBytes(
                    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[runStart..<end]))
                guard end < bytes.count else { break }
                writeJSONEscape(of: bytes[end])
                runStart = end + 1
            }
        }
        writeStaticString("\"")
    }

    private mutating func writeJSONEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case 0x0A: writeStaticString("\\n")
        case 0x0D: writeStaticString("\\r")
        case 0x09: writeStaticString("\\t")
        default:
            let digit = byte & 0x0F
            writeStaticString("\\u00")
            writeInteger(UInt8(ascii: "0") + byte >> 4)
            writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
