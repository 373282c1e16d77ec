import NIOCore
import QuotaTesting
import Testing

@testable import Webhooks

@Suite("Addresses and blocks")
struct IPAddressTests {
    @Test(
        "the text of an address is read and written in its standard form",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("10.0.0.3", "10.0.0.3"),
            ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func texts(text: String, standard: String) {
        #expect(IPAddress(text)?.description == standard)
    }

    @Test(
        "what is no standard text of an address is none",
        arguments: [
            "", "1", "2130706433", "127.1", "0x7f.0.0.1", "1.2.3.256", "1.2.3.4 ", "[::1]",
            "fe80::1%lo",
            "localhost", "1.2.3.4\0", ":::",
        ])
    func none(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("random addresses come back from their text, and are the addresses of NIO")
    func roundTrips() throws {
        var random = SeededRandom(seed: .random(in: 0...UInt64.max))
        for _ in 0..<1_000 {
            let mask = UInt128.random(in: 0...UInt128.max, using: &random)
            let six = IPAddress(v6: UInt128.random(in: 0...UInt128.max, using: &random) & mask)
            let four = IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
            for address in [six, four] {
                #expect(IPAddress(address.description) == address, "\(random)")
                let other = try SocketAddress(ipAddress: address.description, port: 1)
                #expect(other.ipAddress == address.description, "\(random)")
            }
        }
    }

    @Test(
        "a block holds the addresses that begin with its bits",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
            ("::1", "::1", true), ("::1/128", "::", false), ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fc00::1", false), ("::/96", "1.2.3.4", false),
        ])
    func blocks(block: String, address: String, isInside: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(try CIDR(block).contains(address) == isInside)
    }

    @Test(
        "what is no block is refused, with what is wrong",
        arguments: [
            ("", "must begin with an address"), ("localhost", "must begin with an address"),
            ("10.0.0.0/", "from 0 to 32"), ("10.0.0.0/33", "from 0 to 32"),
            ("::/129", "from 0 to 128"),
            ("10.0.0.0/-1", "from 0 to 32"), ("10.0.0.0/+8", "from 0 to 32"),
            ("10.0.0.0/8/8", "from 0 to 32"), ("10.0.0.0/99999999999999999999", "from 0 to 32"),
            ("10.0.0.3/8", "you may mean 10.0.0.0/8"), ("::1/64", "you may mean ::/64"),
        ])
    func badBlocks(text: String, reason: String) {
        let error = #expect(throws: CIDRError.self) { try CIDR(text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
}
