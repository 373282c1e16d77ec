/// A 64-bit hash that finds what disks, cuts and stray writes do to bytes; not a secret one.
///
/// Source: the folded 64 × 64 → 128 bit multiplication of wyhash (Wang Yi) and rapidhash (Nicolas
/// De Carli), with the latter's constants. Every key is mixed with the seed, so that no content
/// can be chosen that hides what stands before it.
enum FoldedHash {
    private static let key0: UInt64 = 0x2d35_8dcc_aa6c_78a5
    private static let key1: UInt64 = 0x8bb8_4b93_962e_acc9
    private static let key2: UInt64 = 0x4b33_a62e_d433_d4a3
    private static let key3: UInt64 = 0x4d5a_2da5_1de1_aa47
    private static let key4: UInt64 = 0xa076_1d64_78bd_642f
    private static let key5: UInt64 = 0xe703_7ed1_a0b4_28db
    private static let key6: UInt64 = 0x90ed_1765_281c_388c

    /// The product of both, its halves folded into one.
    @inline(__always)
    static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    /// The seed of what stands at a place of a segment.
    @inline(__always)
    static func seed(_ segment: UInt64, offset: Int) -> UInt64 {
        mix(segment ^ key0, UInt64(truncatingIfNeeded: offset) &+ key1)
    }

    /// The hash of a record's words and of its extension's hash; never 0.
    @inline(__always)
    static func record(_ words: RecordWords, tail: UInt64, seed: UInt64) -> UInt64 {
        let first = mix(words.sizeAndName ^ seed, words.kindAndExtra ^ seed ^ key1)
        let second = mix(words.time ^ seed ^ key2, words.units ^ seed ^ key3)
        let third = mix(words.value ^ seed ^ key4, words.identifierHigh ^ seed ^ key5)
        let fourth = mix(words.identifierLow ^ seed ^ key6, tail ^ key0)
        let hash = mix(rotated(first, 23) ^ second ^ key2, rotated(third, 41) ^ fourth ^ seed)
        return hash == 0 ? 1 : hash
    }

    /// The hash of three words; never 0.
    static func words(_ first: UInt64, _ second: UInt64, _ third: UInt64, seed: UInt64) -> UInt64 {
        let inner = mix(first ^ seed ^ key1, second ^ seed ^ key2)
        let hash = mix(inner ^ key3, third ^ seed ^ key4)
        return hash == 0 ? 1 : hash
    }

    /// The hash of whole slots of 64 bytes at an address that 8 divides.
    static func slots(_ bytes: UnsafeRawPointer, count: Int, seed: UInt64) -> UInt64 {
        let keys = (seed ^ key1, seed ^ key2, seed ^ key3, seed ^ key4)
        var lanes = (seed, seed ^ key5, seed ^ key6, seed ^ key0)
        var offset = 0
        while offset < count * SegmentLayout.slotBytes {
            let slot = bytes + offset
            lanes.0 = mix(word(slot, 0) ^ keys.0, word(slot, 8) ^ lanes.0)
            lanes.1 = mix(word(slot, 16) ^ keys.1, word(slot, 24) ^ lanes.1)
            lanes.2 = mix(word(slot, 32) ^ keys.2, word(slot, 40) ^ lanes.2)
            lanes.3 = mix(word(slot, 48) ^ keys.3, word(slot, 56) ^ lanes.3)
            offset += SegmentLayout.slotBytes
        }
        let pair = mix(rotated(lanes.0, 23) ^ lanes.1, rotated(lanes.2, 41) ^ lanes.3 ^ seed)
        return mix(pair ^ key6, UInt64(truncatingIfNeeded: count) ^ key0)
    }

    @inline(__always)
    private static func word(_ slot: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: slot.load(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 &- bits)
    }
}
