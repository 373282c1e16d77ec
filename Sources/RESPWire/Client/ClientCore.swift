internal import NIOCore

/// What a client does on its event loop: finds the link for each call, and judges the answers.
///
/// Links and timers hold it until it is shut down. Nothing holds it weakly: that would make each
/// of the many references to it slow.
final class ClientCore {
    let connector: Connector
    let events: @Sendable (RESPEvent) -> Void
    let random: @Sendable () -> Double
    let snapshot: TopologySnapshot
    private let source: EndpointSource

    /// The server, the sentinels' master, or one node of a cluster, by which the others are found.
    lazy var main = makeMain()
    /// The links to a cluster's nodes.
    var links: [RESPEndpoint: Link] = [:]
    /// Which node serves what; nil until known, and for a server by itself.
    var topology: ClusterTopology?
    var isCluster = false
    var refresh = TopologyRefresh()
    /// The next of the links for a command without a key.
    private var nextLink = 0
    private var parked: ParkedCalls<Call>
    private var wake: (at: NIODeadline, task: Scheduled<Void>)?
    private var generation: UInt64 = 0
    private(set) var isRunning = false
    private var sentinelWatch: SentinelWatch?

    init(
        connector: Connector,
        snapshot: TopologySnapshot,
        random: @escaping @Sendable () -> Double,
        events: @escaping @Sendable (RESPEvent) -> Void
    ) {
        self.connector = connector
        source = EndpointSource(connector)
        self.snapshot = snapshot
        self.random = random
        self.events = events
        parked = ParkedCalls(capacity: connector.configuration.maximumCallsInFlight)
    }

    var eventLoop: any EventLoop { connector.eventLoop }

    // MARK: Life

    func start() {
        guard !isRunning, !connector.isClosed else { return }
        isRunning = true
        main.start()
        if let master = connector.configuration.sentinelMaster {
            let watch = SentinelWatch(connector: connector, master: master, random: random) {
                self.masterSwitched(to: $0)
            }
            sentinelWatch = watch
            watch.start()
        }
    }

    /// Ends everything; `completion` is told when no connection is left.
    func shutDown(_ completion: @escaping () -> Void) {
        isRunning = false
        for call in parked.removeAll() { call.fail(.shutDown) }
        wake?.task.cancel()
        wake = nil
        refresh = TopologyRefresh()
        sentinelWatch?.stop()
        sentinelWatch = nil
        main.abandon(.shutDown)
        for link in links.values { link.abandon(.shutDown) }
        links = [:]
        connector.close(.shutDown, completion)
    }

    private func makeMain() -> Link {
        Link(connector: connector, purpose: .calls, random: random, owner: self) {
            // After a failover none of the configured nodes may be left.
            self.source.find(known: self.topology?.shards.map(\.endpoint) ?? [], completion: $0)
        }
    }

    /// A sentinel named a new master, or has to be asked whether there is one.
    private func masterSwitched(to endpoint: RESPEndpoint?) {
        guard let endpoint else {
            source.find { result in
                if case .success(let endpoint) = result { self.masterSwitched(to: endpoint) }
            }
            return
        }
        guard isRunning, main.endpoint != endpoint else { return }
        main.replace(.unavailable(why: "the sentinels made \(endpoint) the master"))
        flush()
    }

    // MARK: Calls

    /// Sends a call, lets it wait for a connection that is under way, or fails it.
    func dispatch(_ call: Call, now: NIODeadline) {
        guard isRunning else {
            call.fail(.notRunning)
            return
        }
        guard call.deadline > now else {
            call.fail(.lateUnsent)
            return
        }
        switch route(call) {
        case .send(let connection): connection.send(call, now: now)
        case .wait:
            if parked.wait(call) {
                scheduleWake()
            } else {
                call.fail(.overloaded(most: parked.capacity))
            }
        case .fail(let error): call.fail(error)
        }
    }

    /// Sends what waited for something to change.
    func dispatchWaiting() {
        let now = eventLoop.now
        for call in parked.takeWaiting() { dispatch(call, now: now) }
    }

    func cancel(_ id: UInt64) {
        for call in parked.cancel(id) { call.fail(.cancelledUnsent) }
        for link in links.values + [main] {
            for call in link.ready?.cancel(id) ?? [] { call.fail(.cancelled) }
        }
    }

    /// Gives to the network what was sent since the last time.
    func flush() {
        main.flush()
        for link in links.values { link.flush() }
    }

    /// The next number of a connection.
    func nextGeneration() -> UInt64 {
        generation += 1
        return generation
    }

    /// A link whose connection stands, each in its turn; the first of those that may yet come.
    func anyLink() -> Link? {
        let ready = links.values.filter { $0.ready != nil }
        guard !ready.isEmpty else {
            return links.values.first { $0.lastCause == nil } ?? links.values.first
        }
        nextLink += 1
        return ready[nextLink % ready.count]
    }

    /// Lets a call be tried again after a wait.
    private func retry(_ call: Call, after error: RESPError, now: NIODeadline) {
        let (next, wait) = call.delayed(random: random())
        let time = now + TimeAmount(wait)
        // The error tells more than that time was up.
        guard time < call.deadline, parked.retry(next, at: time) else {
            call.fail(error)
            return
        }
        scheduleWake()
    }

    private func scheduleWake() {
        guard let next = parked.nextWake else { return }
        if let wake, wake.at <= next { return }
        wake?.task.cancel()
        let task = eventLoop.assumeIsolated()
            .scheduleTask(deadline: next) { self.timePassed() }
        wake = (next, task)
    }

    private func timePassed() {
        wake = nil
        let now = eventLoop.now
        let (late, due) = parked.timePassed(now: now)
        for call in late { call.fail(.lateUnsent) }
        for call in due { dispatch(call, now: now) }
        flush()
        scheduleWake()
    }

    /// Takes the answer to a call: tells the caller, or sends the call on.
    func finished(
        _ call: Call, with result: Result<RESPValue, RESPError>, at endpoint: RESPEndpoint
    ) {
        guard isRunning, case .failure(let error) = result, let reply = error.reply else {
            call.finish(result)
            return
        }
        let rule = ReplyRule(
            reply, from: endpoint, hasScript: call.command.script != nil,
            redirections: call.redirections, isCluster: isCluster)
        let now = eventLoop.now
        switch rule {
        case .deliver: call.finish(result)
        case .sendText:
            guard let next = call.withScriptText else { return call.finish(result) }
            dispatch(next, now: now)
        case .move(let slot, let node):
            moved(slot, to: node)
            dispatch(call.redirected(to: .node(node)), now: now)
        case .ask(let node):
            dispatch(call.redirected(to: .asking(node)), now: now)
        case .tryLater:
            if reply.code == .clusterDown { requestRefresh() }
            retry(call, after: error, now: now)
        }
        if reply.code == .readOnly, connector.configuration.sentinelMaster != nil {
            main.replace(error)
        }
    }
}
