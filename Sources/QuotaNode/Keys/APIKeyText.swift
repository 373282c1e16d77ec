import QuotaModel

/// An API key as its owner writes it: `wk_live_<12 public id>_<32 secret><6 check>`; a service key
/// begins with `ws_`.
///
/// All parts are base 62. The check is the CRC-32 of everything before it, so that a mistyped key
/// is told from an unknown one before anything is looked up.
package struct APIKeyText: Sendable {
    /// Whether the key is for trying out.
    package let isTest: Bool
    /// Whether it belongs to the product and not to a tenant.
    package let isService: Bool
    /// The part that may be seen, and is looked up by.
    package let publicID: String
    /// The whole key.
    ///
    /// Never log it.
    package let text: String

    private static let prefixLength = 8
    private static let publicLength = 12
    private static let secretLength = 32
    private static let checkLength = 6
    private static let length = prefixLength + publicLength + 1 + secretLength + checkLength

    /// Reads a key; nil when it does not have the form of one, or its check is wrong.
    package init?(_ text: String) {
        var text = text
        let kind = text.withUTF8 { bytes -> Kind? in
            guard bytes.count == Self.length, let kind = Kind(bytes) else { return nil }
            let secretStart = Self.prefixLength + Self.publicLength + 1
            let content = bytes.prefix(Self.length - Self.checkLength)
            guard bytes[secretStart - 1] == UInt8(ascii: "_"),
                content[Self.prefixLength..<secretStart - 1].allSatisfy(Base62.contains),
                content[secretStart...].allSatisfy(Base62.contains),
                Base62.has(
                    CRC32.checksum(content), asDigits: bytes.suffix(Self.checkLength))
            else { return nil }
            return kind
        }
        guard let kind else { return nil }
        (isTest, isService) = (kind.isTest, kind.isService)
        publicID = String(
            Substring(text.utf8.dropFirst(Self.prefixLength).prefix(Self.publicLength)))
        self.text = text
    }

    /// A public id as a number, which is looked up faster than a text.
    struct PublicID: Hashable {
        private let first: UInt64
        private let last: UInt32

        /// The public id that a text would have, whether or not it is a key.
        init?(ofKey text: String) {
            self.init(text, at: APIKeyText.prefixLength, of: APIKeyText.length)
        }

        /// A public id by itself.
        init?(_ text: String) {
            self.init(text, at: 0, of: APIKeyText.publicLength)
        }

        private init?(_ text: String, at offset: Int, of length: Int) {
            guard text.utf8.count == length else { return nil }
            var text = text
            (first, last) = text.withUTF8 { bytes in
                let bytes = UnsafeRawBufferPointer(bytes)
                return (
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                    bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)
                )
            }
        }
    }

    /// Makes a key of random characters; `publicID` stays when a key gets a new secret.
    package init(
        isTest: Bool,
        isService: Bool = false,
        publicID: String? = nil,
        random: () -> UInt64
    ) {
        let publicID = publicID ?? Base62.random(Self.publicLength, random)
        let kind = Kind(isTest: isTest, isService: isService)
        let content = kind.prefix + publicID + "_" + Base62.random(Self.secretLength, random)
        let checksum = CRC32.checksum(Array(content.utf8))
        (self.isTest, self.isService) = (isTest, isService)
        self.publicID = publicID
        text = content + Base62.encode(UInt64(checksum), width: Self.checkLength)
    }

    /// What a key begins with.
    private struct Kind {
        let isTest: Bool
        let isService: Bool

        var prefix: String { (isService ? "ws" : "wk") + (isTest ? "_test_" : "_live_") }

        init(isTest: Bool, isService: Bool) {
            (self.isTest, self.isService) = (isTest, isService)
        }

        /// Reads the first eight bytes: `wk_live_`, `wk_test_`, `ws_live_`, `ws_test_`.
        init?(_ bytes: UnsafeBufferPointer<UInt8>) {
            let isService = bytes[1] == UInt8(ascii: "s")
            let isTest = bytes[3] == UInt8(ascii: "t")
            self.init(isTest: isTest, isService: isService)
            guard prefix.utf8.elementsEqual(bytes.prefix(prefixLength)) else { return nil }
        }
    }
}
