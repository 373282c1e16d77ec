/// Where a server listens.
public struct RESPEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; an address of IPv6 stands without brackets.
    public let host: String
    /// The port, from 1 to 65,535.
    public let port: Int

    /// Creates an endpoint.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[address]:port`, or a host alone where there is a usual port.
    init?(_ text: some StringProtocol, usualPort: Int? = nil) {
        let host: String
        let rest: String
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<end])
            rest = String(text[text.index(after: end)...])
        } else {
            // From the end, since a cluster writes addresses of IPv6 without brackets.
            let colon = text.lastIndex(of: ":") ?? text.endIndex
            host = String(text[..<colon])
            rest = String(text[colon...])
        }
        let port = rest.isEmpty ? usualPort : rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil
        guard let port, (1...65_535).contains(port) else { return nil }
        self.init(host: host, port: port)
    }

    /// The host and the port, as in a URL.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
