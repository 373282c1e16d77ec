/// A block of addresses: all that begin with the same bits.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    /// The lowest address.
    package let base: IPAddress
    /// How many bits are the same.
    package let prefix: Int

    /// Reads a block.
    ///
    /// - Parameter text: an address and the number of bits, such as `10.0.0.0/8` or `fd00::/8`;
    ///   without the number it is that address alone.
    /// - Throws: ``CIDRError`` that says what is wrong.
    package init(_ text: String) throws(CIDRError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else {
            throw CIDRError("must begin with an address, such as 10.0.0.0/8 or ::1")
        }
        let most = address.version.bits
        var prefix = most
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let count = Int(parts[1]), count <= most
            else { throw CIDRError("must have a number of bits from 0 to \(most) after the slash") }
            prefix = count
        }
        let block = CIDR(address, prefix: prefix)
        guard block.base == address else {
            throw CIDRError("has bits set after the first \(prefix); you may mean \(block)")
        }
        self = block
    }

    /// The block of an address.
    ///
    /// - Parameters:
    ///   - address: one of the block's.
    ///   - prefix: how many bits are the same, clamped to the length of the address.
    package init(_ address: IPAddress, prefix: Int) {
        let bits = address.version.bits
        let prefix = min(max(prefix, 0), bits)
        let number = (address.number >> (bits - prefix)) << (bits - prefix)
        base =
            switch address.version {
            case .four: IPAddress(v4: UInt32(truncatingIfNeeded: number))
            case .six: IPAddress(v6: number)
            }
        self.prefix = prefix
    }

    /// Whether an address lies in the block.
    package func contains(_ address: IPAddress) -> Bool {
        address.version == base.version
            && (address.number ^ base.number) >> (base.version.bits - prefix) == 0
    }

    /// The standard text.
    package var description: String { "\(base)/\(prefix)" }
}

/// A text that is no block of addresses.
package struct CIDRError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What it must be.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
