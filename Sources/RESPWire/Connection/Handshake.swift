/// What is said on a new connection before the first call, one command at a time.
///
/// Redis 6 and later are greeted with HELLO, which sets RESP3, authenticates and names the
/// connection at once. Older servers refuse it, and are given AUTH and CLIENT SETNAME.
struct Handshake {
    /// What to do next.
    enum Step {
        case send(RESPCommand)
        case ready(RESPServerInfo)
        case failed(RESPError)
    }

    /// The command whose answer is awaited.
    private enum Phase {
        case hello
        case authenticate
        case name
        case info
        case role
        case select
    }

    let endpoint: RESPEndpoint
    let username: String?
    let password: String?
    let name: String?
    let database: Int

    private var phase = Phase.hello
    private var info = RESPServerInfo()

    init(
        endpoint: RESPEndpoint,
        username: String? = nil,
        password: String? = nil,
        name: String? = nil,
        database: Int = 0
    ) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.name = name
        self.database = database
    }

    /// The first command.
    var first: RESPCommand {
        var hello = RESPCommand("HELLO", "3")
        if let password {
            hello.append("AUTH")
            hello.append(username ?? "default")
            hello.append(password)
        }
        if let name {
            hello.append("SETNAME")
            hello.append(name)
        }
        return hello
    }

    /// Takes the answer to the last command.
    mutating func received(_ reply: RESPValue) -> Step {
        switch phase {
        case .hello: return greeted(reply)
        case .authenticate:
            if let error = reply.error { return .failed(refusal(error)) }
            return named()
        case .name: return ask("INFO", "server", in: .info)
        case .info:
            readInfo(reply)
            guard info.protocolVersion == 2, info.mode != .sentinel else { return selected() }
            return ask("ROLE", nil, in: .role)
        case .role:
            if let role = reply.array?.first?.string { info.isMaster = role == "master" }
            return selected()
        case .select:
            if let error = reply.error {
                let message = "Redis at \(endpoint) refused the database \(database): \(error)"
                return .failed(RESPError(.unavailable, message, reply: error))
            }
            return .ready(info)
        }
    }

    private mutating func greeted(_ reply: RESPValue) -> Step {
        guard let error = reply.error else {
            info.protocolVersion = reply.member("proto")?.integer.map(Int.init) ?? 3
            info.version = reply.member("version")?.string ?? ""
            info.mode = .init(rawValue: reply.member("mode")?.string ?? "standalone")
            info.isMaster = reply.member("role")?.string.map { $0 == "master" } ?? true
            return ask("INFO", "server", in: .info)
        }
        let isUnknown = error.code == .generic && error.message.contains("unknown command")
        guard isUnknown || error.code == .noProtocol else { return .failed(refusal(error)) }
        guard let password else { return named() }
        phase = .authenticate
        var authenticate = RESPCommand("AUTH")
        // Servers without users know the form with a password alone.
        if let username { authenticate.append(username) }
        authenticate.append(password)
        return .send(authenticate)
    }

    /// Sets the connection's name by a command of its own, where it has one.
    private mutating func named() -> Step {
        guard let name else { return ask("INFO", "server", in: .info) }
        phase = .name
        return .send(RESPCommand("CLIENT", "SETNAME", .string(name)))
    }

    private mutating func selected() -> Step {
        guard database != 0 else { return .ready(info) }
        guard info.mode != .cluster else {
            return .failed(
                .unavailable(why: "Redis at \(endpoint) is a cluster, which has only database 0"))
        }
        return ask("SELECT", String(database), in: .select)
    }

    private mutating func ask(_ name: String, _ argument: String?, in phase: Phase) -> Step {
        self.phase = phase
        var command = RESPCommand(name)
        if let argument { command.append(argument) }
        return .send(command)
    }

    /// Reads `INFO server`; a user who may not ask for it goes without a run id.
    private mutating func readInfo(_ reply: RESPValue) {
        // By Unicode scalars a carriage return and a line feed would be one character.
        for line in reply.string?.utf8.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A }) ?? [] {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = String(Substring(line[line.index(after: colon)...]))
            switch String(Substring(line[..<colon])) {
            case "redis_version" where info.version.isEmpty: info.version = value
            case "redis_mode" where info.protocolVersion == 2: info.mode = .init(rawValue: value)
            case "run_id": info.runID = value
            default: break
            }
        }
    }

    private func refusal(_ error: RESPErrorReply) -> RESPError {
        let message =
            switch error.code {
            case .wrongPassword: "Redis at \(endpoint) refused the password (WRONGPASS)"
            case .noAuthentication where password == nil:
                "Redis at \(endpoint) wants a password (NOAUTH)"
            default: "Redis at \(endpoint) refused the connection: \(error)"
            }
        return RESPError(.unavailable, message, reply: error)
    }
}
