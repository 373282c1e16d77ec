import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The connections to backends of one event loop, and the exchanges under way there.
///
/// Used on that event loop only.
final class UpstreamLoop {
    /// How often is looked for what has waited too long: timers of this many milliseconds are
    /// cheaper than one for each request, and late by as much.
    private static let tickMilliseconds: Int64 = 50
    /// The most idle connections to one backend; more are closed when they are released.
    private static let maximumIdle = 256
    /// How long an idle connection is kept; backends close theirs after 60 seconds or so, and one
    /// that is closed while a request is on its way is a failure.
    private static let idleTime = TimeAmount.seconds(15)

    let eventLoop: any EventLoop
    /// Of the callers' connections and of those to backends.
    let flushes: FlushQueue
    private let targets: [UpstreamTarget]
    private let connectTimeout: TimeAmount
    private var idle: [[UpstreamConnection]]
    private var exchanges: [ObjectIdentifier: any DeadlineKeeper] = [:]
    private var tick: RepeatedTask?

    init(eventLoop: any EventLoop, targets: [UpstreamTarget], connectTimeout: TimeAmount) {
        self.eventLoop = eventLoop
        flushes = FlushQueue(eventLoop)
        self.targets = targets
        self.connectTimeout = connectTimeout
        idle = targets.map { _ in [] }
    }

    // MARK: Connections

    /// An idle connection to a backend that may be used at once; nil when there is none.
    func idleConnection(to backend: Int) -> UpstreamConnection? {
        while let connection = idle[backend].popLast() {
            if connection.isReusable { return connection }
            connection.close()
        }
        return nil
    }

    /// Closes the idle connections to a backend: one of them was closed at the other end.
    func closeIdle(to backend: Int) {
        for connection in idle[backend] { connection.close() }
        idle[backend] = []
    }

    /// Makes a connection to a backend.
    ///
    /// - Parameters:
    ///   - backend: the place of its target.
    ///   - done: takes it, or why there is none, on this event loop.
    func connect(
        to backend: Int,
        _ done: @escaping (Result<UpstreamConnection, UpstreamFailure>) -> Void
    ) {
        let target = targets[backend]
        let bound = NIOLoopBound((done, flushes), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .writeBufferWaterMark, value: .init(low: 32 * 1_024, high: 256 * 1_024)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.configure(channel, target)
                }
            }
            .connect(host: target.host, port: target.port)
            .assumeIsolated()
            .whenComplete { result in
                let (done, flushes) = bound.value
                switch result {
                case .failure(let error): done(.failure(.unreachable("\(error)")))
                case .success(let channel):
                    let connection = UpstreamConnection(
                        backend: backend, flushes, now: channel.eventLoop.now)
                    do {
                        try channel.pipeline.syncOperations.addHandler(connection)
                        done(.success(connection))
                    } catch {
                        channel.close(promise: nil)
                        done(.failure(.unreachable("\(error)")))
                    }
                }
            }
    }

    private static func configure(_ channel: any Channel, _ target: UpstreamTarget) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls = target.tls {
            // An address is no name that could be indicated.
            let isAddress = (try? SocketAddress(ipAddress: target.host, port: 0)) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(
                    context: tls, serverHostname: isAddress ? nil : target.host))
        }
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
    }

    /// Takes back a connection that an exchange is done with.
    func release(_ connection: UpstreamConnection) {
        guard connection.release(now: eventLoop.now) else { return }
        if idle[connection.backend].count < Self.maximumIdle {
            idle[connection.backend].append(connection)
        } else {
            connection.close()
        }
    }

    // MARK: Deadlines

    /// An exchange is under way: it is asked now and then whether it has waited for too long.
    func begin(_ exchange: any DeadlineKeeper) {
        exchanges[ObjectIdentifier(exchange)] = exchange
        if tick == nil { startTicking() }
    }

    /// An exchange is over.
    func end(_ exchange: any DeadlineKeeper) {
        exchanges[ObjectIdentifier(exchange)] = nil
    }

    /// The server stops: who is under way still has nobody who waits for it.
    func stop() {
        for exchange in exchanges.values { exchange.stop(by: eventLoop.now) }
    }

    /// The exchanges under way.
    var count: Int { exchanges.count }

    private func startTicking() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        tick = eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(Self.tickMilliseconds),
            delay: .milliseconds(Self.tickMilliseconds)
        ) { _ in bound.value.look() }
    }

    private func look() {
        let now = eventLoop.now
        for exchange in exchanges.values where exchange.deadline <= now {
            exchange.deadlinePassed(now: now)
        }
        var hasIdle = false
        for backend in idle.indices {
            // The oldest stand first.
            while let first = idle[backend].first,
                !first.isReusable || first.idleSince + Self.idleTime <= now
            {
                idle[backend].removeFirst()
                first.close()
            }
            hasIdle = hasIdle || !idle[backend].isEmpty
        }
        if exchanges.isEmpty, !hasIdle {
            tick?.cancel()
            tick = nil
        }
    }
}

/// Who waits for something, and not for ever.
protocol DeadlineKeeper: AnyObject {
    /// When the wait ends.
    var deadline: NIODeadline { get }

    /// The wait ends then, or before.
    func stop(by time: NIODeadline)

    /// The wait was too long.
    func deadlinePassed(now: NIODeadline)
}
