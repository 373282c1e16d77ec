/// Lays integers and texts side by side; texts are preceded by their length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    /// Begins with room for `capacity` bytes.
    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func add<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        add(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Forgets what was written, but not the room for it.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes a part of a text, whose length was written before.
    mutating func add(piece: String) { bytes.append(contentsOf: piece.utf8) }

    mutating func add(_ block: [UInt8]) {
        add(UInt32(block.count))
        bytes.append(contentsOf: block)
    }
}

/// Reads what ``ByteWriter`` wrote; every read is bounded.
struct ByteReader {
    private var rest: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        let size = MemoryLayout<Number>.size
        guard rest.count >= size else { return nil }
        let number = UnsafeRawBufferPointer(rebasing: rest.prefix(size))
            .loadUnaligned(as: Number.self)
        rest = rest.dropFirst(size)
        return Number(littleEndian: number)
    }

    mutating func block() -> [UInt8]? {
        guard let count = number(UInt32.self), rest.count >= Int(count) else { return nil }
        let block = Array(rest.prefix(Int(count)))
        rest = rest.dropFirst(Int(count))
        return block
    }

    mutating func text() -> String? {
        block().map { String(decoding: $0, as: UTF8.self) }
    }
}
