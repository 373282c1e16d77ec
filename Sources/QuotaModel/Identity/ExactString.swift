/// Text that is equal byte by byte.
///
/// Swift's `String` treats `"é"` written as one scalar and as two as equal; ids that arrive from
/// outside must not be folded, or two tenants could become one.
@frozen
public struct ExactString: Sendable {
    /// The text as it arrived.
    public let text: String

    /// Wraps text without a check.
    @inlinable
    public init(_ text: String) {
        self.text = text
    }
}

extension ExactString: Hashable, Comparable {
    /// Whether the bytes are the same.
    public static func == (left: ExactString, right: ExactString) -> Bool {
        left.withBytes { left in
            right.withBytes { right in
                left.count == right.count && Self.haveSameBytes(left, right)
            }
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Whether the bytes come before those of the other, as numbers.
    public static func < (left: ExactString, right: ExactString) -> Bool {
        left.withBytes { left in
            right.withBytes { right in left.lexicographicallyPrecedes(right) }
        }
    }

    /// Compares eight bytes at a time: ids are compared many times in each decision.
    private static func haveSameBytes(
        _ left: UnsafeBufferPointer<UInt8>,
        _ right: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        var offset = 0
        while offset + 8 <= left.count {
            let word = left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if word != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
            offset += 8
        }
        while offset < left.count {
            if left[offset] != right[offset] { return false }
            offset += 1
        }
        return true
    }

    /// The bytes in one piece, which they are in every native string.
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        var text = text
        return text.withUTF8(body)
    }
}

extension ExactString: CustomStringConvertible {
    /// The text as it arrived.
    public var description: String { text }
}
