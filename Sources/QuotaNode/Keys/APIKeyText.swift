import QuotaModel

/// An API key as its owner writes it: `wk_live_<12 public id>_<32 secret><6 check>`.
///
/// All parts are base 62. The check is the CRC-32 of everything before it, so that a mistyped key
/// is told from an unknown one before anything is looked up.
package struct APIKeyText: Sendable {
    /// Whether the key is for trying out.
    package let isTest: Bool
    /// The part that may be seen, and is looked up by.
    package let publicID: String
    /// The whole key.
    ///
    /// Never log it.
    package let text: String

    private static let livePrefix = "wk_live_"
    private static let testPrefix = "wk_test_"
    private static let publicLength = 12
    private static let secretLength = 32
    private static let checkLength = 6

    /// Reads a key; nil when it does not have the form of one, or its check is wrong.
    package init?(_ text: String) {
        let prefixLength = Self.livePrefix.utf8.count
        let length =
            prefixLength + Self.publicLength + 1 + Self.secretLength + Self.checkLength
        let bytes = Array(text.utf8)
        guard bytes.count == length else { return nil }
        guard text.hasPrefix(Self.livePrefix) || text.hasPrefix(Self.testPrefix) else {
            return nil
        }
        let publicEnd = prefixLength + Self.publicLength
        let publicID = bytes[prefixLength..<publicEnd]
        guard bytes[publicEnd] == UInt8(ascii: "_"),
            publicID.allSatisfy(Base62.contains),
            bytes[(publicEnd + 1)...].allSatisfy(Base62.contains)
        else { return nil }
        let content = bytes.dropLast(Self.checkLength)
        let check = Base62.encode(UInt64(CRC32.checksum(content)), width: Self.checkLength)
        guard bytes.suffix(Self.checkLength).elementsEqual(check.utf8) else { return nil }
        isTest = text.hasPrefix(Self.testPrefix)
        self.publicID = String(decoding: publicID, as: UTF8.self)
        self.text = text
    }

    /// Makes a key of random characters.
    package init(isTest: Bool, random: () -> UInt64) {
        let publicID = Base62.random(Self.publicLength, random)
        let content =
            (isTest ? Self.testPrefix : Self.livePrefix) + publicID + "_"
            + Base62.random(Self.secretLength, random)
        let checksum = CRC32.checksum(Array(content.utf8))
        self.isTest = isTest
        self.publicID = publicID
        text = content + Base62.encode(UInt64(checksum), width: Self.checkLength)
    }
}
