/// Where an endpoint's messages go: the parts of its URL, which say nothing yet of its addresses.
package struct WebhookTarget: Hashable, Sendable, CustomStringConvertible {
    /// How it is spoken to.
    package enum Scheme: String, Hashable, Sendable {
        /// In the clear; only for addresses that the operator has allowed.
        case http
        /// Through TLS.
        case https

        var port: Int { self == .http ? 80 : 443 }
    }

    /// The longest URL, in bytes.
    package static let maximumBytes = 2_048
    /// The longest host name, in bytes; that of DNS.
    static let maximumHostBytes = 253

    /// How it is spoken to.
    package let scheme: Scheme
    /// The name in lower case without a full stop at its end, or an address without brackets.
    package let host: String
    /// The port.
    package let port: Int
    /// The path and the query, from the slash.
    package let path: String

    /// Takes a URL apart.
    ///
    /// - Parameter url: `https://`, a host, perhaps a port, a path and a query; no user, password
    ///   or fragment.
    /// - Throws: ``WebhookTargetError`` for anything else.
    package init(_ url: String) throws(WebhookTargetError) {
        guard url.utf8.count <= Self.maximumBytes else {
            throw WebhookTargetError("must have at most \(Self.maximumBytes) bytes")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw WebhookTargetError(
                "must be of ASCII without blanks; write a host of other letters as xn--… and "
                    + "percent-encode the path")
        }
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, let scheme = Scheme(rawValue: name.lowercased()),
            parts.count == 2, parts[1].hasPrefix("//")
        else { throw WebhookTargetError("must begin with https://") }
        let rest = parts[1].dropFirst(2)
        if rest.contains("#") { throw WebhookTargetError("must have no fragment (\"#\")") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        if rest[..<end].contains("@") {
            throw WebhookTargetError(
                "must have no user or password (\"@\"); messages are known by their signature")
        }
        let (host, port) = try Self.split(rest[..<end])
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.port
        path = try Self.checkedPath(rest[end...])
    }

    /// The URL in its shortest form.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let authority = port == scheme.port ? name : "\(name):\(port)"
        return "\(scheme.rawValue)://\(authority)\(path)"
    }

    private static func split(
        _ authority: Substring
    ) throws(WebhookTargetError) -> (host: String, port: Int?) {
        var rest = authority
        var host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw .noHost }
            host = rest[..<end].dropFirst()
            rest = rest[end...].dropFirst()
            guard host.contains(":"), IPAddress(String(host)) != nil else { throw .noHost }
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<colon]
            rest = rest[colon...]
            // The root of DNS: the same host, but not the same name to TLS.
            if host.last == "." { host = host.dropLast() }
            guard !host.isEmpty, host.first != ".", host.last != ".", !host.contains(".."),
                host.utf8.count <= maximumHostBytes, host.utf8.allSatisfy(isHostByte)
            else { throw .noHost }
        }
        if rest.isEmpty { return (host.lowercased(), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy(isDigit), let port = Int(digits), (1...65_535).contains(port)
        else { throw WebhookTargetError("must have a port from 1 to 65535, or none") }
        return (host.lowercased(), port)
    }

    /// The path and the query as they stand, from a slash.
    ///
    /// What RFC 3986 does not allow is refused, since others read such URLs each in their own way.
    private static func checkedPath(_ text: Substring) throws(WebhookTargetError) -> String {
        let path = text.first == "/" ? String(text) : "/" + text
        let bytes = Array(path.utf8)
        for (index, byte) in bytes.enumerated() {
            let isEscape =
                byte == UInt8(ascii: "%") && bytes.dropFirst(index + 1).prefix(2).count == 2
                && bytes.dropFirst(index + 1).prefix(2).allSatisfy(isHexadecimal)
            guard isEscape || isHostByte(byte) || "/?:@!$&'()*+,;=~".utf8.contains(byte) else {
                let character = Character(Unicode.Scalar(byte))
                throw WebhookTargetError("must have \"\(character)\" percent-encoded in its path")
            }
        }
        return path
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        let lowercase = byte | 0x20
        return isDigit(byte) || lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "f")
    }

    /// Whether a byte may stand in a name; the resolver decides which names there are.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        let lowercase = byte | 0x20
        let isLetter = lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "z")
        return isLetter || isDigit(byte) || "-._".utf8.contains(byte)
    }
}
