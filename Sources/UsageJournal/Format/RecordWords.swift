/// A record as the seven words that follow its commit word, in the machine's byte order.
struct RecordWords {
    let sizeAndName: UInt64
    let kindAndExtra: UInt64
    let time: UInt64
    let units: UInt64
    let value: UInt64
    let identifierHigh: UInt64
    let identifierLow: UInt64

    /// The words of a record with an extension of so many bytes.
    @inline(__always)
    init(_ record: JournalRecord, extensionBytes: Int) {
        sizeAndName = UInt64(truncatingIfNeeded: extensionBytes) | UInt64(record.name) << 32
        kindAndExtra =
            UInt64(record.kind) | UInt64(record.flags) << 8 | UInt64(record.extra) << 32
        time = UInt64(bitPattern: record.time)
        units = UInt64(bitPattern: record.units)
        value = UInt64(bitPattern: record.value)
        identifierHigh = record.identifierHigh
        identifierLow = record.identifierLow
    }

    /// The words of the slot that ends a segment.
    private init(sealTag: UInt64) {
        sizeAndName = 0
        kindAndExtra = sealTag << 16
        (time, units, value, identifierHigh, identifierLow) = (0, 0, 0, 0, 0)
    }

    static let seal = RecordWords(sealTag: SegmentLayout.sealTag)

    /// The words of the slot at an address.
    @inline(__always)
    init(at slot: UnsafeRawPointer) {
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: slot.load(fromByteOffset: offset, as: UInt64.self))
        }
        sizeAndName = word(8)
        kindAndExtra = word(16)
        time = word(24)
        units = word(32)
        value = word(40)
        identifierHigh = word(48)
        identifierLow = word(56)
    }

    /// Writes the words to the slot at an address, and leaves its commit word alone.
    @inline(__always)
    func store(at slot: UnsafeMutableRawPointer) {
        func store(_ word: UInt64, _ offset: Int) {
            slot.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
        }
        store(sizeAndName, 8)
        store(kindAndExtra, 16)
        store(time, 24)
        store(units, 32)
        store(value, 40)
        store(identifierHigh, 48)
        store(identifierLow, 56)
    }

    /// What stands in the field that records leave 0.
    @inline(__always)
    var reserved: UInt64 { kindAndExtra >> 16 & 0xffff }

    @inline(__always)
    var extensionBytes: Int { Int(sizeAndName & 0xffff_ffff) }

    @inline(__always)
    var record: JournalRecord {
        JournalRecord(
            kind: UInt8(truncatingIfNeeded: kindAndExtra),
            flags: UInt8(truncatingIfNeeded: kindAndExtra >> 8),
            name: UInt32(truncatingIfNeeded: sizeAndName >> 32),
            extra: UInt32(truncatingIfNeeded: kindAndExtra >> 32),
            time: Int64(bitPattern: time),
            units: Int64(bitPattern: units),
            value: Int64(bitPattern: value),
            identifierHigh: identifierHigh,
            identifierLow: identifierLow)
    }
}
