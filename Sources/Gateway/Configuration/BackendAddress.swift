/// Where a backend is: the parts of an `http` or `https` URL.
package struct BackendAddress: Hashable, Sendable, CustomStringConvertible {
    /// How it is spoken to.
    package enum Scheme: String, Hashable, Sendable {
        /// In the clear.
        case http
        /// Through TLS.
        case https

        /// The port where the URL names none.
        package var port: Int { self == .http ? 80 : 443 }
    }

    /// The longest URL, in bytes.
    package static let maximumBytes = 2_048

    /// How it is spoken to.
    package let scheme: Scheme
    /// The host's name or address, an IPv6 address without its brackets.
    package let host: String
    /// The port.
    package let port: Int
    /// What the paths of requests begin with: empty, or from a slash to a letter, as `/v1`.
    package let basePath: String

    /// Takes a URL apart.
    ///
    /// - Parameter text: the scheme, a host, perhaps a port and a path; no user, query or fragment.
    /// - Throws: ``BackendAddressError`` for anything else.
    package init(_ text: String) throws(BackendAddressError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw BackendAddressError("must have at most \(Self.maximumBytes) bytes")
        }
        guard let colon = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased())
        else { throw BackendAddressError("must begin with http:// or https://") }
        let rest = text[colon.upperBound...]
        if rest.contains("?") { throw BackendAddressError("must have no query (\"?\")") }
        if rest.contains("#") { throw BackendAddressError("must have no fragment (\"#\")") }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        if authority.contains("@") {
            throw BackendAddressError("must have no user or password (\"@\"); use api_key_env")
        }
        let (host, port) = try Self.split(authority)
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.port
        basePath = try Self.checkedPath(rest[slash...])
    }

    /// What a request names in its `Host` field: the port only where it is not the scheme's.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.port ? name : "\(name):\(port)"
    }

    /// The URL in its shortest form.
    package var description: String { "\(scheme.rawValue)://\(authority)\(basePath)" }

    private static func split(
        _ authority: Substring
    ) throws(BackendAddressError) -> (host: String, port: Int?) {
        var rest = authority
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw .noHost }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard host.contains(":"), host.utf8.allSatisfy(isAddressByte) else { throw .noHost }
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<colon]
            rest = rest[colon...]
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isNameByte) else {
                throw .noHost
            }
        }
        if rest.isEmpty { return (host.lowercased(), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy(isDigit), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw BackendAddressError("must have a port from 1 to 65535, or none") }
        return (host.lowercased(), port)
    }

    /// The path without slashes at its end.
    private static func checkedPath(
        _ path: Substring
    ) throws(BackendAddressError) -> String {
        var path = path
        while path.last == "/" { path = path.dropLast() }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPlain = path.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "/") }
        guard isPlain, !segments.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw BackendAddressError(
                "must have a path of letters, digits and \"-._\", such as /v1, or none")
        }
        return String(path)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let lowercase = byte | 0x20
        let isLetter = lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "z")
        return isLetter || isDigit(byte) || "-._".utf8.contains(byte)
    }

    /// Whether a byte may stand in an IPv6 address, perhaps with an IPv4 address at its end.
    private static func isAddressByte(_ byte: UInt8) -> Bool {
        let lowercase = byte | 0x20
        let isHexadecimal = lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "f")
        return isHexadecimal || isDigit(byte) || ":.".utf8.contains(byte)
    }
}

/// A URL that can't be a backend's.
package struct BackendAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What it must be.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    fileprivate static var noHost: BackendAddressError {
        BackendAddressError("must have a host after http:// or https://, such as 127.0.0.1")
    }
}
