extension RedisConfiguration {
    /// Reads a URL.
    ///
    /// `redis://[user:password@]host[:port][,host:port…][/database]` names a server or some of a
    /// cluster, and `redis+sentinel://[user:password@]host[:port][,host:port…]/master[/database]`
    /// sentinels and the name of a master. With `rediss` instead of `redis`, TLS is spoken.
    /// Users, passwords and names may be percent-encoded.
    ///
    /// Behind a `?` may stand, joined by `&`: `ca`, `cert` and `key`, the paths of files in PEM;
    /// `verify=full`, `ca` or `none`; `name`, which the server shows in `CLIENT LIST`; and for
    /// sentinels that want a password, `sentinel-user` and `sentinel-password`.
    ///
    /// - Parameter url: The URL.
    /// - Throws: What is wrong with it.
    public init(url: String) throws(RedisConfigurationError) {
        guard let colon = url.firstRange(of: "://") else {
            throw RedisConfigurationError("a URL of Redis begins with redis:// or rediss://")
        }
        let scheme = url[..<colon.lowerBound]
        let isSentinel = scheme.hasSuffix("+sentinel")
        switch isSentinel ? scheme.dropLast("+sentinel".count) : scheme {
        case "redis": self.init(endpoints: [])
        case "rediss":
            self.init(endpoints: [])
            tls = RedisTLS()
        default:
            throw RedisConfigurationError(
                "the scheme is none of redis, rediss, redis+sentinel and rediss+sentinel")
        }
        let rest = url[colon.upperBound...]
        let question = rest.firstIndex(of: "?") ?? rest.endIndex
        let path = rest[..<question].split(separator: "/", omittingEmptySubsequences: false)
        let authority = path.first ?? ""
        // What follows would be read as hosts and options, and named in errors.
        guard !rest[authority.endIndex...].contains("@") else {
            throw RedisConfigurationError(
                "an @ stands behind the hosts: in a password, write / as %2F and ? as %3F")
        }
        // From the end: a password may hold an @ that nobody encoded.
        let at = authority.lastIndex(of: "@")
        if let at { try readUser(authority[..<at]) }
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        try readHosts(hosts, usualPort: isSentinel ? Self.usualSentinelPort : Self.usualPort)
        try readPath(path.dropFirst().filter { !$0.isEmpty }, isSentinel: isSentinel)
        if question < rest.endIndex { try readOptions(rest[rest.index(after: question)...]) }
    }

    private mutating func readUser(_ text: Substring) throws(RedisConfigurationError) {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let user = try Self.decoded(text[..<colon], "the user")
        username = user.isEmpty ? nil : user
        guard colon < text.endIndex else {
            throw RedisConfigurationError("a user stands without a password before the @")
        }
        password = try Self.decoded(text[text.index(after: colon)...], "the password")
    }

    private mutating func readHosts(
        _ text: Substring, usualPort: Int
    ) throws(RedisConfigurationError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let endpoint = RESPEndpoint(part, usualPort: usualPort), !endpoint.host.isEmpty
            else {
                throw RedisConfigurationError(
                    "host number \(endpoints.count + 1) is not a host with a port")
            }
            endpoints.append(endpoint)
        }
    }

    private mutating func readPath(
        _ parts: [Substring], isSentinel: Bool
    ) throws(RedisConfigurationError) {
        var parts = parts[...]
        if isSentinel {
            guard let name = parts.popFirst() else {
                throw RedisConfigurationError("the name of the master is missing: …/master-name")
            }
            sentinelMaster = try Self.decoded(name, "the name of the master")
        }
        guard let number = parts.popFirst() else { return }
        guard let value = Int(number), value >= 0, parts.isEmpty else {
            throw RedisConfigurationError("the database is not a number of at least 0")
        }
        guard value == 0 || isSentinel || endpoints.count == 1 else {
            throw RedisConfigurationError("a cluster has only the database 0")
        }
        database = value
    }

    private mutating func readOptions(_ text: Substring) throws(RedisConfigurationError) {
        // Numbers, not names: what stands here may be the rest of a password.
        for (index, option) in text.split(separator: "&").enumerated() {
            let equals = option.firstIndex(of: "=") ?? option.endIndex
            let name = option[..<equals]
            let value = try Self.decoded(
                option[equals...].dropFirst(), "option number \(index + 1)")
            guard !value.isEmpty else {
                throw RedisConfigurationError("option number \(index + 1) has no value")
            }
            switch name {
            case "name": clientName = value
            case "sentinel-user" where sentinelMaster != nil: sentinelUsername = value
            case "sentinel-password" where sentinelMaster != nil: sentinelPassword = value
            case "ca", "cert", "key", "verify": try readTLS(name, value)
            default:
                throw RedisConfigurationError(
                    "option number \(index + 1) is none of ca, cert, key, verify, name"
                        + (sentinelMaster == nil ? "" : ", sentinel-user, sentinel-password"))
            }
        }
        if (tls?.certificateFile == nil) != (tls?.keyFile == nil) {
            throw RedisConfigurationError("of 'cert' and 'key', one stands without the other")
        }
    }

    private mutating func readTLS(
        _ name: Substring, _ value: String
    ) throws(RedisConfigurationError) {
        guard tls != nil else {
            throw RedisConfigurationError("the option '\(name)' is for TLS: use rediss://")
        }
        switch name {
        case "ca": tls?.authorityFile = value
        case "cert": tls?.certificateFile = value
        case "key": tls?.keyFile = value
        default:
            guard let verification = RedisTLS.Verification(rawValue: value) else {
                throw RedisConfigurationError("the option 'verify' is none of full, ca and none")
            }
            tls?.verification = verification
        }
    }

    /// Reads percent-encoding.
    private static func decoded(
        _ text: Substring, _ what: String
    ) throws(RedisConfigurationError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else {
                throw RedisConfigurationError("a % in \(what) is not followed by two digits")
            }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RedisConfigurationError("\(what) is not UTF-8")
        }
        return decoded
    }
}
