import Foundation

/// The identity of one boot of a machine, 128 bits.
///
/// Pages that a killed process wrote live on in the memory of the same boot, and in no other.
public struct BootID: Hashable, Sendable, CustomStringConvertible {
    /// The first 64 bits.
    public let high: UInt64
    /// The last 64 bits.
    public let low: UInt64

    /// Creates an identity from its halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits, with or without hyphens; nil when it is anything else.
    public init?(_ text: String) {
        let digits = text.filter { $0 != "-" }
        guard digits.utf8.count == 32, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The 32 hexadecimal digits.
    public var description: String { Self.digits(high) + Self.digits(low) }

    /// The boot that this process runs in.
    ///
    /// - Throws: `unusable_folder` when the system does not tell.
    public static func current() throws(JournalError) -> BootID {
        guard let text = systemText(), let boot = BootID(text) else {
            throw JournalError(.unusableFolder, "the system does not tell the identity of its boot")
        }
        return boot
    }

    private static func digits(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func systemText() -> String? {
        #if canImport(Darwin)
        var bytes = [CChar](repeating: 0, count: 64)
        var count = bytes.count - 1
        guard sysctlbyname("kern.bootsessionuuid", &bytes, &count, nil, 0) == 0 else { return nil }
        return String(cString: bytes)
        #else
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines)
        #endif
    }
}
