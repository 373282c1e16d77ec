/// CRC-16/XMODEM: polynomial 0x1021, nothing reflected, beginning with 0.
enum CRC16 {
    private static let table: [UInt16] = (0..<256)
        .map { index in
            (0..<8)
                .reduce(UInt16(index) << 8) { value, _ in
                    value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x1021
                }
        }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        table.withUnsafeBufferPointer { table in
            bytes.reduce(0) { $0 << 8 ^ table[Int(UInt8($0 >> 8) ^ $1)] }
        }
    }
}
