extension UnsafeRawBufferPointer {
    /// The place of the first word that is not 0; both bounds are multiples of 8.
    func firstNonZero(in range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if load(fromByteOffset: offset, as: UInt64.self) != 0 { return offset }
            offset += 8
        }
        return nil
    }
}
