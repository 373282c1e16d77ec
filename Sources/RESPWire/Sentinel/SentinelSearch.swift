internal import NIOCore

/// Asks sentinels, one after the other, where a master is.
///
/// It belongs to its event loop.
final class SentinelSearch: RESPConnectionDelegate {
    /// Where the master is, and who said so.
    struct Found {
        let master: RESPEndpoint
        let sentinel: RESPEndpoint
    }

    private let connector: Connector
    private let master: String
    private var rest: ArraySlice<RESPEndpoint>
    private var completion: ((Result<Found, RESPError>) -> Void)?
    private var current: RESPConnection?
    private var lastCause = RESPError.unavailable(why: "no sentinel is configured")

    private init(
        _ connector: Connector,
        _ master: String,
        _ sentinels: [RESPEndpoint],
        _ completion: @escaping (Result<Found, RESPError>) -> Void
    ) {
        self.connector = connector
        self.master = master
        self.completion = completion
        rest = sentinels[...]
    }

    /// Begins to ask; its connections keep it alive.
    ///
    /// - Parameters:
    ///   - master: The name of the master.
    ///   - sentinels: Whom to ask, in this order.
    ///   - connector: What makes the connections.
    ///   - completion: Is told where the master is, or why nobody knows.
    static func start(
        for master: String,
        among sentinels: [RESPEndpoint],
        by connector: Connector,
        completion: @escaping (Result<Found, RESPError>) -> Void
    ) {
        SentinelSearch(connector, master, sentinels, completion).askNext()
    }

    private func askNext() {
        guard !connector.isClosed else {
            finish(.failure(.shutDown))
            return
        }
        guard let next = rest.popFirst() else {
            let why = "no sentinel knows the master '\(master)': \(lastCause.message)"
            finish(.failure(.unavailable(why: why)))
            return
        }
        current = connector.connect(to: next, for: .sentinel, delegate: self)
    }

    private func finish(_ result: Result<Found, RESPError>) {
        let completion = completion
        self.completion = nil
        completion?(result)
        current?.close(.unavailable(why: "the sentinel was asked"))
        current = nil
    }

    func connection(_ connection: RESPConnection, isReady info: RESPServerInfo) {
        let command = RESPCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", .string(master))
        let now = connector.eventLoop.now
        // Its answer comes as ``connection(_:finished:with:)`` too.
        let call = Call(
            id: 0, command: command,
            deadline: now + TimeAmount(connector.configuration.stallTimeout),
            completion: .closure { _ in })
        connection.send(call, now: now)
    }

    func connection(
        _ connection: RESPConnection, finished call: Call, with result: Result<RESPValue, RESPError>
    ) {
        guard completion != nil, connection === current else { return }
        switch result {
        case .success(let reply):
            if let parts = reply.array, parts.count == 2, let host = parts[0].string,
                let port = parts[1].integer, (1...65_535).contains(port)
            {
                let found = RESPEndpoint(host: host, port: Int(port))
                finish(.success(Found(master: found, sentinel: connection.endpoint)))
                return
            }
            lastCause = .unavailable(
                why: "the sentinel at \(connection.endpoint) has no master of this name")
        case .failure(let error): lastCause = error
        }
        current = nil
        connection.close(lastCause)
        askNext()
    }

    func connection(_ connection: RESPConnection, received message: [RESPValue]) {}

    func connectionHasRead(_ connection: RESPConnection) {}

    func connection(_ connection: RESPConnection, endedFor cause: RESPError) {
        guard completion != nil, connection === current else { return }
        // A call that it leaves is told of later, and then is not the current one's.
        current = nil
        lastCause = cause
        askNext()
    }
}
