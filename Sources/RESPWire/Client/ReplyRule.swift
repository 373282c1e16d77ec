/// What a client does with an error that a server answered.
///
/// Nothing here sends a command again that may have been executed: the errors it acts upon are
/// those by which Redis refuses a command as a whole.
enum ReplyRule: Equatable {
    /// How often another node may be named before the call fails.
    static let mostRedirections = 5

    /// The caller is told.
    case deliver
    /// The script is sent with its text.
    case sendText
    /// The slot belongs to another node, which is asked from now on.
    case move(RESPSlot, to: RESPEndpoint)
    /// Another node is asked this once.
    case ask(RESPEndpoint)
    /// It is tried again after a short wait.
    case tryLater

    /// Chooses what to do.
    ///
    /// - Parameters:
    ///   - reply: The error.
    ///   - endpoint: Who answered it.
    ///   - hasScript: Whether the command called a script by its hash, and the text is known.
    ///   - redirections: How often another node was named already.
    ///   - isCluster: Whether the server is one of a cluster.
    init(
        _ reply: RESPErrorReply,
        from endpoint: RESPEndpoint,
        hasScript: Bool,
        redirections: Int,
        isCluster: Bool
    ) {
        self = .deliver
        if reply.code == .noScript, hasScript { self = .sendText }
        guard isCluster else { return }
        if reply.code == .tryAgain || reply.code == .clusterDown { self = .tryLater }
        guard reply.code == .moved || reply.code == .ask, redirections < Self.mostRedirections
        else { return }
        let words = reply.message.split(separator: " ")
        guard words.count == 2, let number = UInt16(words[0]),
            let slot = RESPSlot(rawValue: number),
            let named = RESPEndpoint(words[1])
        else { return }
        // Without a host, it is another port of the host that answered.
        let host = named.host.isEmpty ? endpoint.host : named.host
        let node = RESPEndpoint(host: host, port: named.port)
        self = reply.code == .moved ? .move(slot, to: node) : .ask(node)
    }
}
