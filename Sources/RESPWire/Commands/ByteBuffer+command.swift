public import NIOCore

extension ByteBuffer {
    /// Writes a command as RESP's array of bulk strings.
    public mutating func writeCommand(_ command: RESPCommand) {
        writeInteger(UInt8(ascii: "*"))
        if command.count < 10 {
            writeInteger(UInt8(ascii: "0") + UInt8(command.count))
        } else {
            writeString(String(command.count))
        }
        writeInteger(0x0D0A as UInt16)
        writeBytes(command.body)
    }
}
