/// Names as small numbers, found by the bytes they are stored as.
///
/// The same few names come again and again: each has a place in a small table by its last bytes,
/// which is looked at first.
package struct NameTable: Sendable {
    private static let places = 64

    /// The names, by number.
    private var names: [[UInt8]] = []
    private var numbers: [[UInt8]: Int] = [:]
    /// The number of the last name of each place; −1 for none.
    private var recent = [Int](repeating: -1, count: places)

    /// A table of some names, numbered in order; one that comes twice keeps its first number.
    package init(_ names: [String] = []) {
        for name in names { _ = Array(name.utf8).withUnsafeBufferPointer { insert($0) } }
    }

    /// How many names there are.
    package var count: Int { names.count }

    /// The number of a name; nil when it is not there.
    package mutating func number(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let place = Self.place(of: name)
        if let known = known(name, at: place) { return known }
        guard let number = numbers[Array(name)] else { return nil }
        recent[place] = number
        return number
    }

    /// The number of a name, which it has from now on.
    package mutating func insert(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        let place = Self.place(of: name)
        if let known = known(name, at: place) { return known }
        let bytes = Array(name)
        let number = numbers[bytes] ?? names.count
        if number == names.count {
            names.append(bytes)
            numbers[bytes] = number
        }
        recent[place] = number
        return number
    }

    private func known(_ name: UnsafeBufferPointer<UInt8>, at place: Int) -> Int? {
        let number = recent[place]
        guard number >= 0, names[number].count == name.count else { return nil }
        return names[number].withUnsafeBufferPointer { $0.hasSameBytes(as: name) } ? number : nil
    }

    /// Mixes up to eight of the last bytes, which tell ids apart best.
    private static func place(of name: UnsafeBufferPointer<UInt8>) -> Int {
        var mixed = UInt64(truncatingIfNeeded: name.count)
        for byte in name.suffix(8) { mixed = mixed &* 31 &+ UInt64(byte) }
        return Int((mixed ^ mixed >> 17) % UInt64(places))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether both hold the same bytes.
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        var offset = 0
        while offset + 8 <= count {
            // Eight bytes at a time: ids are compared for each row.
            if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        while offset < count {
            if left[offset] != right[offset] { return false }
            offset += 1
        }
        return true
    }

    /// Whether the bytes begin with those of a text.
    func starts(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] {
            return false
        }
        return true
    }
}
