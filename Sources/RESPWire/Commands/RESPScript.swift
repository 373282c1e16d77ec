internal import Crypto

/// A Lua script, and the hash by which a server knows it.
public final class RESPScript: Sendable {
    /// The script's text.
    public let source: String
    /// The SHA-1 of the text, in hexadecimal.
    public let sha1: String
    /// The first two bulk strings of each call by hash.
    let callPrefix: [UInt8]

    /// Creates a script; its hash is computed here, once.
    public init(_ source: String) {
        self.source = source
        let digits = Array("0123456789abcdef".utf8)
        let hash = Insecure.SHA1.hash(data: Array(source.utf8))
            .flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        sha1 = String(decoding: hash, as: UTF8.self)
        callPrefix = Array("$7\r\nEVALSHA\r\n$40\r\n\(sha1)\r\n".utf8)
    }
}
