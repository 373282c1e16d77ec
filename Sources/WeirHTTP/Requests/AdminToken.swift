import Crypto

/// The administrator's token, known by its hash only.
///
/// The token is long and random, so that one plain hash is enough.
public struct AdminToken: Sendable {
    /// SHA-256 of the token.
    public let digest: [UInt8]

    /// The token of a text.
    public init(text: String) {
        digest = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// The token of a stored hash.
    public init(digest: [UInt8]) {
        self.digest = digest
    }

    /// Whether a text is the token; takes the same time whatever the answer.
    func accepts(_ text: String) -> Bool {
        let shown = Array(SHA256.hash(data: Array(text.utf8)))
        guard shown.count == digest.count else { return false }
        return zip(shown, digest).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
