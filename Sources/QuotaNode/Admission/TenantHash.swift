import QuotaModel

/// A keyed hash of ids: by it tenants are spread over shards, and found there.
///
/// One hash serves both, and costs a few nanoseconds; the key keeps tenants from choosing ids that
/// collide. Source: the folded 64 × 64 → 128 bit multiplication of wyhash (Wang Yi).
struct TenantHash: Sendable {
    private let key0: UInt64
    private let key1: UInt64

    init(random: () -> UInt64) {
        // Odd, so that neither takes all bits of the other factor away.
        (key0, key1) = (random() | 1, random() | 1)
    }

    /// The hash of a text's bytes; never 0.
    @inline(__always)
    func callAsFunction(_ text: ExactString) -> UInt64 {
        text.withBytes { bytes in hash(UnsafeRawBufferPointer(bytes)) }
    }

    private func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = key0 ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            state = Self.mix(state ^ word, key1)
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset += 1
        }
        let hash = Self.mix(Self.mix(state ^ tail, key1), key0)
        return hash == 0 ? 1 : hash
    }

    /// The product of both, its halves folded into one.
    @inline(__always)
    static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }
}
