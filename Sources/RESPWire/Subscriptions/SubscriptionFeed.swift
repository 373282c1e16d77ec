internal import NIOCore

/// A connection that is subscribed to channels, and again after each time it was lost.
///
/// It belongs to its event loop.
final class SubscriptionFeed: LinkOwner {
    let connector: Connector
    private let purpose: Connector.Purpose
    private let random: @Sendable () -> Double
    private let find: Link.Find
    private lazy var link = Link(
        connector: connector, purpose: purpose, random: random, owner: self, find: find)
    private var channels: Set<String> = []
    /// Channels that the server is to confirm before a connection is told of.
    private var unconfirmed: Set<String> = []
    private var isAnnounced = false
    private var wasConnected = false
    private var keepalive: Scheduled<Void>?
    /// Is told what happens.
    var handler: (RESPSubscriptionEvent) -> Void = { _ in }

    init(
        connector: Connector,
        purpose: Connector.Purpose,
        random: @escaping @Sendable () -> Double,
        find: @escaping Link.Find
    ) {
        self.connector = connector
        self.purpose = purpose
        self.random = random
        self.find = find
    }

    func start() {
        guard link.isStopped, !connector.isClosed else { return }
        link.start()
        scheduleKeepalive()
    }

    /// Ends the connection; none is made again.
    func stop() {
        keepalive?.cancel()
        keepalive = nil
        link.abandon(.shutDown)
        handler = { _ in }
    }

    private func scheduleKeepalive() {
        let pause = TimeAmount(connector.configuration.keepalive)
        keepalive = connector.eventLoop.assumeIsolated()
            .scheduleTask(in: pause) {
                self.ping()
                self.scheduleKeepalive()
            }
    }

    func subscribe(to channel: String) {
        guard channels.insert(channel).inserted else { return }
        send("SUBSCRIBE", [channel])
    }

    func unsubscribe(from channel: String) {
        guard channels.remove(channel) != nil else { return }
        send("UNSUBSCRIBE", [channel])
        // Its confirmation may not be waited for; that it comes does no harm.
        unconfirmed.remove(channel)
        if link.ready != nil { announceIfConfirmed() }
    }

    private func send(_ name: String, _ channels: some Collection<String>) {
        guard !channels.isEmpty, let connection = link.ready else { return }
        var command = RESPCommand(name)
        for channel in channels { command.append(channel) }
        connection.sendUnanswered(command)
        connection.flush()
    }

    /// Makes a connection that is dead noticed: it stalls.
    private func ping() {
        guard let connection = link.ready else { return }
        let now = connector.eventLoop.now
        let call = Call(
            id: 0, command: RESPCommand("PING"), deadline: .distantFuture,
            completion: .closure { _ in })
        connection.send(call, now: now)
        connection.flush()
    }

    // MARK: LinkOwner

    func link(_ link: Link, refuses info: RESPServerInfo) -> RESPError? { nil }

    func link(_ link: Link, isReady info: RESPServerInfo) {
        isAnnounced = false
        unconfirmed = channels
        send("SUBSCRIBE", channels)
        announceIfConfirmed()
    }

    /// Tells of the connection only now: before, somebody might read what changes unnoticed.
    private func announceIfConfirmed() {
        guard !isAnnounced, unconfirmed.isEmpty else { return }
        isAnnounced = true
        handler(wasConnected ? .reconnected : .connected)
        wasConnected = true
    }

    func link(_ link: Link, failedFor cause: RESPError, wasReady: Bool) {
        handler(.disconnected(cause: cause))
    }

    func link(
        _ link: Link, finished call: Call, with result: Result<RESPValue, RESPError>,
        at endpoint: RESPEndpoint
    ) {
        call.finish(result)
    }

    func link(_ link: Link, received message: [RESPValue]) {
        guard message.count == 3, let channel = message[1].string else { return }
        switch message[0].string {
        case "message":
            if let payload = message[2].bytes {
                handler(.message(channel: channel, payload: payload))
            }
        case "subscribe":
            handler(.subscribed(channel: channel))
            unconfirmed.remove(channel)
            announceIfConfirmed()
        default: break
        }
    }

    func linkHasRead(_ link: Link) {}
}
