import QuotaTesting
import Testing

@testable import Webhooks

@Suite("Which addresses may be called")
struct AddressPolicyTests {
    @Test(
        "addresses of the Internet may be called",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
            "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
            "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
            "2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1",
            "2003::1", "2606:4700::1111", "3ffe:ffff::1", "2002:808:808::1",
        ])
    func global(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy().judge(address) == .global)
    }

    /// The blocks, written once more, with what is said of them.
    private static let blocks = [
        ("0.0.0.0/8", "this network"), ("10.0.0.0/8", "a private"), ("100.64.0.0/10", "a shared"),
        ("127.0.0.0/8", "a loopback"), ("169.254.0.0/16", "a link-local"),
        ("172.16.0.0/12", "a private"), ("192.0.0.0/24", "IETF"),
        ("192.0.2.0/24", "documentation"), ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"), ("192.88.99.0/24", "6to4"), ("192.168.0.0/16", "a private"),
        ("192.175.48.0/24", "AS112"), ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "a multicast"), ("240.0.0.0/4", "a reserved"),
        ("255.255.255.255/32", "the broadcast"),
        ("::/128", "the unspecified"), ("::1/128", "the loopback"), ("::/96", "IPv4-compatible"),
        ("::ffff:0:0/96", "IPv4-mapped"), ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "local NAT64"), ("100::/64", "discards"), ("100:0:0:1::/64", "dummy"),
        ("2001::/23", "IETF"), ("2001::/32", "Teredo"), ("2001:2::/48", "benchmarks"),
        ("2001:db8::/32", "documentation"), ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"), ("5f00::/16", "segment"), ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"), ("fec0::/10", "a site-local"), ("ff00::/8", "a multicast"),
        // No registry speaks of these, and nobody is there.
        ("200::/7", "not a global"), ("1000::/4", "not a global"), ("4000::/3", "not a global"),
        ("8000::/1", "not a global"),
    ]

    @Test(
        "each special block is denied from its first address to its last, by its name",
        arguments: blocks)
    func special(block: String, name: String) throws {
        let block = try CIDR(block)
        var random = SeededRandom(seed: .random(in: 0...UInt64.max))
        let bits = block.base.version == .four ? 32 : 128
        let most = block.prefix == 0 ? UInt128.max : (1 << UInt128(bits - block.prefix)) - 1
        let offsets =
            [0, most] + (0..<50).map { _ in UInt128.random(in: 0...most, using: &random) }
        var names: Set<String> = []
        for offset in offsets {
            let number = block.base.number + offset
            let address =
                bits == 32
                ? IPAddress(v4: UInt32(truncatingIfNeeded: number)) : IPAddress(v6: number)
            guard case .denied(let special) = AddressPolicy().judge(address) else {
                Issue.record("\(address) may be called; \(random)")
                continue
            }
            names.insert(special.name)
        }
        #expect(names.contains { $0.contains(name) }, "\(names)")
    }

    @Test(
        "6to4 leads to the address within it",
        arguments: [
            ("2002:a00:3::1", "a private address (10.0.0.0/8)"),
            ("2002:7f00:1::", "a loopback address (127.0.0.0/8)"),
            ("2002:a9fe:a9fe::1", "a link-local address (169.254.0.0/16)"),
        ])
    func sixToFour(text: String, what: String) throws {
        let address = try #require(IPAddress(text))
        guard case .denied(let special) = AddressPolicy().judge(address) else {
            Issue.record("\(address) may be called")
            return
        }
        #expect(special.description == what)
    }

    @Test("what the operator allows may be called, and nothing beside it")
    func allowed() throws {
        let policy = AddressPolicy(allowed: try [CIDR("10.1.0.0/16"), CIDR("::1")])
        func verdict(_ text: String) throws -> AddressPolicy.Verdict {
            policy.judge(try #require(IPAddress(text)))
        }
        #expect(try verdict("10.1.255.255") == .allowed(CIDR("10.1.0.0/16")))
        #expect(try verdict("::1") == .allowed(CIDR("::1")))
        #expect(try verdict("8.8.8.8") == .global)
        for text in ["10.2.0.0", "::2", "127.0.0.1", "::ffff:10.1.0.1", "2002:a01:1::1"] {
            guard case .denied = try verdict(text) else {
                Issue.record("\(text) may be called")
                continue
            }
        }
    }
}
