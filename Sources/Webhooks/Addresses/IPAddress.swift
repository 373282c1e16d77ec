#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An address of the Internet, of version 4 or 6, without port and zone.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The version of the Internet protocol.
    package enum Version: Hashable, Sendable {
        /// 32 bits.
        case four
        /// 128 bits.
        case six

        /// How long an address is.
        var bits: Int { self == .four ? 32 : 128 }
    }

    /// The version.
    package let version: Version
    /// The address as a number, the first byte highest.
    package let number: UInt128

    /// Wraps the number of an address of version 4.
    package init(v4 number: UInt32) {
        version = .four
        self.number = UInt128(number)
    }

    /// Wraps the number of an address of version 6.
    package init(v6 number: UInt128) {
        version = .six
        self.number = number
    }

    /// Reads the standard text of an address, `192.0.2.1` or `2001:db8::1`; nil for anything else.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if text.utf8.contains(0) {
            return nil
        } else if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(v4: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(v6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        } else {
            return nil
        }
    }

    /// The standard text.
    package var description: String {
        let bytes = (0..<version.bits / 8).reversed()
            .map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        let family = version == .four ? AF_INET : AF_INET6
        // Long enough for every address of either version, with its zero byte.
        var text = [CChar](repeating: 0, count: 46)
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else {
            return "(an address)"
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
