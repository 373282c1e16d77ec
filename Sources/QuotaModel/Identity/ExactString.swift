/// Text that is equal byte by byte.
///
/// Swift's `String` treats `"é"` written as one scalar and as two as equal; ids that arrive from
/// outside must not be folded, or two tenants could become one.
public struct ExactString: Sendable {
    /// The text as it arrived.
    public let text: String

    /// Wraps text without a check.
    public init(_ text: String) {
        self.text = text
    }
}

extension ExactString: Hashable, Comparable {
    /// Whether the bytes are the same.
    public static func == (left: ExactString, right: ExactString) -> Bool {
        left.withBytes { left in
            right.withBytes { right in
                left.count == right.count && left.elementsEqual(right)
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

    /// The bytes in one piece, which they are in every native string.
    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        var text = text
        return text.withUTF8(body)
    }
}

extension ExactString: CustomStringConvertible {
    /// The text as it arrived.
    public var description: String { text }
}
