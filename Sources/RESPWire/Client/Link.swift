internal import NIOCore

/// A connection that is made again whenever it ends, after waits that grow.
///
/// It belongs to its event loop.
final class Link: RESPConnectionDelegate {
    /// Finds out where to connect to; calls back once, at once or later.
    typealias Find = (@escaping (Result<RESPEndpoint, RESPError>) -> Void) -> Void

    private enum State {
        case stopped
        /// Finding out where to connect to; the number tells a late answer from the awaited one.
        case finding(Int)
        case connecting(RESPConnection)
        case ready(RESPConnection)
        case waiting(Scheduled<Void>)
    }

    private let connector: Connector
    private let purpose: Connector.Purpose
    private let random: @Sendable () -> Double
    private var find: Find?
    private var owner: (any LinkOwner)?

    private var state = State.stopped
    private var backoff: Backoff
    private var searches = 0
    private var readySince = NIODeadline.distantPast
    /// Why there is no connection; nil while the first one is under way, and while there is one.
    private(set) var lastCause: RESPError?
    /// Where it is connected to, or was last.
    private(set) var endpoint: RESPEndpoint?

    init(
        connector: Connector,
        purpose: Connector.Purpose,
        random: @escaping @Sendable () -> Double,
        owner: any LinkOwner,
        find: @escaping Find
    ) {
        self.connector = connector
        self.purpose = purpose
        self.random = random
        self.owner = owner
        self.find = find
        backoff = Backoff(connector.configuration.reconnectWaits)
    }

    /// The connection, when calls may be sent.
    var ready: RESPConnection? {
        if case .ready(let connection) = state { connection } else { nil }
    }

    var isStopped: Bool {
        if case .stopped = state { true } else { false }
    }

    /// Begins to connect, unless it has.
    func start() {
        guard case .stopped = state else { return }
        lastCause = nil
        connect()
    }

    /// Ends the connection, and makes none again; calls under way fail.
    func stop(_ cause: RESPError) {
        let old = state
        state = .stopped
        switch old {
        case .waiting(let task): task.cancel()
        case .connecting(let connection), .ready(let connection): connection.close(cause)
        case .stopped, .finding: break
        }
    }

    /// Ends for good, and holds nothing any more.
    func abandon(_ cause: RESPError) {
        stop(cause)
        owner = nil
        find = nil
    }

    /// Makes no connection again, and ends the one there is after the last answer.
    func retire(_ cause: RESPError) {
        guard let connection = ready else {
            stop(cause)
            return
        }
        state = .stopped
        connection.closeWhenIdle(cause)
    }

    /// Makes a new connection, since the server has another role now; the old one ends after its
    /// last answer.
    func replace(_ cause: RESPError) {
        guard let connection = ready else { return }
        ended(cause, wasReady: true)
        connection.closeWhenIdle(cause)
    }

    /// Flushes what was sent.
    func flush() {
        ready?.flush()
    }

    private func connect() {
        searches += 1
        let search = searches
        state = .finding(search)
        find? { self.found($0, search) }
    }

    private func found(_ result: Result<RESPEndpoint, RESPError>, _ search: Int) {
        guard case .finding(search) = state else { return }
        switch result {
        case .success(let endpoint):
            self.endpoint = endpoint
            state = .connecting(connector.connect(to: endpoint, for: purpose, delegate: self))
        case .failure(let cause): ended(cause, wasReady: false)
        }
    }

    /// Waits before it connects again.
    private func ended(_ cause: RESPError, wasReady: Bool) {
        lastCause = cause
        let eventLoop = connector.eventLoop
        // A server that lets us in and out again must not be called without a wait.
        let cap = TimeAmount(backoff.bounds.cap)
        if wasReady, eventLoop.now >= readySince + cap { backoff.reset() }
        let wait = TimeAmount(backoff.next(random: random()))
        let task = eventLoop.assumeIsolated()
            .scheduleTask(in: wait) {
                guard case .waiting = self.state else { return }
                self.connect()
            }
        state = .waiting(task)
        owner?.link(self, failedFor: cause, wasReady: wasReady)
    }

    // MARK: RESPConnectionDelegate

    func connection(_ connection: RESPConnection, isReady info: RESPServerInfo) {
        guard case .connecting(let current) = state, current === connection else { return }
        if let cause = owner?.link(self, refuses: info) {
            connection.close(cause)
            return
        }
        state = .ready(connection)
        lastCause = nil
        readySince = connector.eventLoop.now
        owner?.link(self, isReady: info)
    }

    func connection(
        _ connection: RESPConnection, finished call: Call, with result: Result<RESPValue, RESPError>
    ) {
        guard let owner else {
            call.finish(result)
            return
        }
        owner.link(self, finished: call, with: result, at: connection.endpoint)
    }

    func connection(_ connection: RESPConnection, received message: [RESPValue]) {
        owner?.link(self, received: message)
    }

    func connectionHasRead(_ connection: RESPConnection) {
        owner?.linkHasRead(self)
    }

    func connection(_ connection: RESPConnection, endedFor cause: RESPError) {
        switch state {
        case .connecting(let current) where current === connection:
            ended(cause, wasReady: false)
        case .ready(let current) where current === connection:
            ended(cause, wasReady: true)
        default: break
        }
    }
}
