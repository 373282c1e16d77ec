public import NIOCore
internal import Synchronization

/// A client of one Redis server, of a master that sentinels watch, or of a cluster.
///
/// It keeps a connection to each primary and makes it again when it ends; meanwhile calls fail at
/// once. It never sends a command again that may have been executed. All of its work is done on one
/// event loop; its functions may be called on any thread. The event loop must outlive
/// ``shutdown()``.
public final class RESPClient: Sendable {
    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>
    private let inbox = Mutex(Inbox())
    private let lastID = Atomic<UInt64>(0)
    private let snapshot = TopologySnapshot()

    /// Creates a client, which does nothing until it is started.
    ///
    /// - Parameters:
    ///   - configuration: Where Redis is.
    ///   - eventLoopGroup: Of its event loops, the next one is used.
    ///   - random: A number from 0 up to 1, for the waits before connecting again.
    ///   - events: Is told of connections, on the event loop; it must not block.
    /// - Throws: Which file that TLS needs could not be read.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        events: @escaping @Sendable (RESPEvent) -> Void = { _ in }
    ) throws(RedisConfigurationError) {
        guard !configuration.endpoints.isEmpty else {
            throw RedisConfigurationError("no server is configured")
        }
        self.configuration = configuration
        let eventLoop = eventLoopGroup.next()
        self.eventLoop = eventLoop
        let tls = try configuration.tls.map { (tls) throws(RedisConfigurationError) in
            try TLSContext.make(tls)
        }
        let connector = Connector(configuration, tls: tls, eventLoop: eventLoop)
        core = .makeBoxSendingValue(
            ClientCore(
                connector: connector, snapshot: snapshot, random: random, events: events),
            eventLoop: eventLoop)
    }

    /// Where Redis is; without user and password.
    public var description: String { configuration.description }

    // MARK: Life

    /// Begins to connect.
    public func start() {
        eventLoop.execute { [core] in core.value.start() }
    }

    /// Begins to connect, and returns when the client was shut down or the task is cancelled, which
    /// shuts it down.
    public func run() async {
        start()
        let stream = AsyncStream<Never> { continuation in
            let isOver = inbox.withLock { inbox in
                if !inbox.isClosed { inbox.runners.append(continuation) }
                return inbox.isClosed
            }
            if isOver { continuation.finish() }
        }
        for await _ in stream {}
        await shutdown()
    }

    /// Fails what is under way, and returns when no connection is left.
    public func shutdown() async {
        let runners = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.runners = [] }
            return inbox.runners
        }
        for runner in runners { runner.finish() }
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                self.drain()
                self.core.value.shutDown { continuation.resume() }
            }
        }
    }

    // MARK: What it knows

    /// The primaries that are known: one for a server by itself, none before the first connection.
    public var shards: [RESPShard] { snapshot.value?.shards ?? [] }

    /// The primary that serves a slot, as far as is known.
    public func shard(of slot: RESPSlot) -> RESPShard? { snapshot.value?.shard(of: slot) }

    // MARK: Calls on their way to the event loop

    func nextID() -> UInt64 {
        lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func deadline(_ timeout: Duration) -> NIODeadline {
        // More than a day is as good as never, and does not overflow.
        eventLoop.now + TimeAmount(min(max(timeout, .zero), .seconds(86_400)))
    }

    /// Hands calls to the event loop, which is woken once for all that come before it looks.
    func submit(_ calls: some Collection<Call>) {
        let most = configuration.maximumCallsInFlight
        let (isClosed, taken, isFirst) = inbox.withLock { inbox in
            guard !inbox.isClosed else { return (true, 0, false) }
            let room = max(0, most - inbox.calls.count)
            inbox.calls.append(contentsOf: calls.prefix(room))
            return (false, room, inbox.takeTurn())
        }
        for call in calls.dropFirst(taken) {
            call.fail(isClosed ? .shutDown : .overloaded(most: most))
        }
        if isFirst { scheduleDrain() }
    }

    func cancel(_ id: UInt64) {
        let isFirst = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.cancellations.append(id)
            return inbox.takeTurn()
        }
        if isFirst { scheduleDrain() }
    }

    private func scheduleDrain() {
        eventLoop.execute { self.drain() }
    }

    private func drain() {
        let (calls, cancellations) = inbox.withLock { $0.take() }
        let core = core.value
        let now = eventLoop.now
        for call in calls { core.dispatch(call, now: now) }
        for id in cancellations { core.cancel(id) }
        core.flush()
    }
}

extension RESPClient: CustomStringConvertible {}
