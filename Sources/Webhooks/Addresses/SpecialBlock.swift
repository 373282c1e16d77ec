/// A block of addresses that is no place for somebody's server on the Internet.
///
/// Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, as of 2024), with
/// every entry of them, be it globally reachable or not; multicast (RFC 5771, RFC 4291), class E
/// (RFC 1112), site-local and IPv4-compatible addresses (RFC 3879, RFC 4291), and the relays of
/// 6to4 (RFC 7526).
package struct SpecialBlock: Hashable, Sendable, CustomStringConvertible {
    /// The block.
    package let block: CIDR
    /// What its addresses are, after "is": `a private address`.
    package let name: String

    /// What its addresses are, and the block: `a private address (10.0.0.0/8)`.
    package var description: String { "\(name) (\(block))" }

    /// The block that an address lies in, the narrowest of them.
    static func containing(_ address: IPAddress) -> SpecialBlock? {
        let blocks = address.version == .four ? v4 : v6
        return blocks.filter { $0.block.contains(address) }
            .max { $0.block.prefix < $1.block.prefix }
    }

    /// Where unicast addresses of version 6 come from; all else is special or not yet given out.
    static let globalUnicastV6 = CIDR(IPAddress(v6: 0x2000 << 112), prefix: 3)
    /// What addresses are that no registry speaks of.
    static let unassigned = SpecialBlock(
        block: CIDR(IPAddress(v6: 0), prefix: 0), name: "not a global unicast address")
    /// 6to4, whose addresses each hold one of version 4.
    static let sixToFour = CIDR(IPAddress(v6: 0x2002 << 112), prefix: 16)

    private init(block: CIDR, name: String) {
        self.block = block
        self.name = name
    }

    private static func v4(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ prefix: Int, _ name: String
    ) -> SpecialBlock {
        SpecialBlock(
            block: CIDR(IPAddress(v4: a << 24 | b << 16 | c << 8), prefix: prefix), name: name)
    }

    /// The first four groups of an address, and the rest as one number.
    private static func v6(
        _ groups: [UInt128], rest: UInt128 = 0, _ prefix: Int, _ name: String
    ) -> SpecialBlock {
        var number = rest
        for (index, group) in groups.enumerated() { number |= group << (112 - 16 * index) }
        return SpecialBlock(block: CIDR(IPAddress(v6: number), prefix: prefix), name: name)
    }

    private static let v4: [SpecialBlock] = [
        v4(0, 0, 0, 8, "an address of \"this network\""),
        v4(10, 0, 0, 8, "a private address"),
        v4(100, 64, 0, 10, "a shared address of a provider"),
        v4(127, 0, 0, 8, "a loopback address"),
        v4(169, 254, 0, 16, "a link-local address"),
        v4(172, 16, 0, 12, "a private address"),
        v4(192, 0, 0, 24, "an address of IETF protocols"),
        v4(192, 0, 2, 24, "an address for documentation"),
        v4(192, 31, 196, 24, "an address of AS112"),
        v4(192, 52, 193, 24, "an address of AMT relays"),
        v4(192, 88, 99, 24, "an address of 6to4 relays"),
        v4(192, 168, 0, 16, "a private address"),
        v4(192, 175, 48, 24, "an address of AS112"),
        v4(198, 18, 0, 15, "an address for benchmarks"),
        v4(198, 51, 100, 24, "an address for documentation"),
        v4(203, 0, 113, 24, "an address for documentation"),
        v4(224, 0, 0, 4, "a multicast address"),
        v4(240, 0, 0, 4, "a reserved address"),
        SpecialBlock(
            block: CIDR(IPAddress(v4: .max), prefix: 32), name: "the broadcast address"),
    ]

    private static let v6: [SpecialBlock] = [
        v6([], 96, "an IPv4-compatible address"),
        v6([], 128, "the unspecified address"),
        v6([], rest: 1, 128, "the loopback address"),
        v6([], rest: 0xffff << 32, 96, "an IPv4-mapped address"),
        v6([0x64, 0xff9b], 96, "an address of NAT64"),
        v6([0x64, 0xff9b, 1], 48, "an address of local NAT64"),
        v6([0x100], 64, "an address that discards all"),
        v6([0x100, 0, 0, 1], 64, "a dummy address"),
        v6([0x2001], 23, "an address of IETF protocols"),
        v6([0x2001], 32, "a Teredo address"),
        v6([0x2001, 2], 48, "an address for benchmarks"),
        v6([0x2001, 0xdb8], 32, "an address for documentation"),
        v6([0x2620, 0x4f, 0x8000], 48, "an address of AS112"),
        v6([0x3fff], 20, "an address for documentation"),
        v6([0x5f00], 16, "a segment routing address"),
        v6([0xfc00], 7, "a private address"),
        v6([0xfe80], 10, "a link-local address"),
        v6([0xfec0], 10, "a site-local address"),
        v6([0xff00], 8, "a multicast address"),
    ]
}
