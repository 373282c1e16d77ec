internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Makes connections as a configuration says, and knows how many are left.
///
/// It belongs to its event loop.
final class Connector {
    /// What a connection is for.
    enum Purpose {
        case calls
        case subscription
        /// To ask a sentinel, which has users of its own and no databases.
        case sentinel
        /// To be told by a sentinel.
        case sentinelSubscription
    }

    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    private let tls: NIOSSLContext?
    private var open: [ObjectIdentifier: RESPConnection] = [:]
    /// Whether no connection is made any more.
    private(set) var isClosed = false
    private var whenNoneIsLeft: [() -> Void] = []

    init(_ configuration: RedisConfiguration, tls: NIOSSLContext?, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.tls = tls
        self.eventLoop = eventLoop
    }

    /// Begins to connect; the delegate is told how it goes.
    func connect(
        to endpoint: RESPEndpoint,
        for purpose: Purpose,
        delegate: any RESPConnectionDelegate
    ) -> RESPConnection {
        let connection = RESPConnection(
            endpoint: endpoint, state: state(endpoint, purpose), limits: configuration.limits,
            speaksTLS: tls != nil, eventLoop: eventLoop, delegate: delegate,
            gone: { [self] in isGone($0) })
        open[ObjectIdentifier(connection)] = connection
        connection.startConnectTimer(configuration.connectTimeout)
        let tls = tls
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connect(host: endpoint.host, port: endpoint.port)
            .assumeIsolated()
            .whenComplete { result in
                do {
                    let channel = try result.get()
                    channel.closeFuture.assumeIsolated()
                        .whenComplete { _ in connection.channelIsGone() }
                    let handler = try tls.map { try Self.handler($0, endpoint.host) }
                    connection.connected(channel, tls: handler)
                } catch {
                    connection.connectFailed(error)
                }
            }
        return connection
    }

    /// Closes all connections, and calls back when none is left.
    func close(_ cause: RESPError, _ completion: @escaping () -> Void) {
        isClosed = true
        for connection in Array(open.values) { connection.close(cause) }
        whenNoneIsLeft.append(completion)
        tellIfNoneIsLeft()
    }

    private func isGone(_ connection: RESPConnection) {
        open[ObjectIdentifier(connection)] = nil
        tellIfNoneIsLeft()
    }

    private func tellIfNoneIsLeft() {
        guard open.isEmpty else { return }
        let bodies = whenNoneIsLeft
        whenNoneIsLeft = []
        for body in bodies { body() }
    }

    private func state(_ endpoint: RESPEndpoint, _ purpose: Purpose) -> ConnectionState<Call> {
        let isSentinel: Bool
        let isSubscriber: Bool
        switch purpose {
        case .calls: (isSentinel, isSubscriber) = (false, false)
        case .subscription: (isSentinel, isSubscriber) = (false, true)
        case .sentinel: (isSentinel, isSubscriber) = (true, false)
        case .sentinelSubscription: (isSentinel, isSubscriber) = (true, true)
        }
        let handshake = Handshake(
            endpoint: endpoint,
            username: isSentinel ? configuration.sentinelUsername : configuration.username,
            password: isSentinel ? configuration.sentinelPassword : configuration.password,
            name: configuration.clientName, database: isSentinel ? 0 : configuration.database)
        return ConnectionState(
            handshake: handshake, maximumCallsInFlight: configuration.maximumCallsInFlight,
            stallTimeout: TimeAmount(configuration.stallTimeout), isSubscriber: isSubscriber)
    }

    /// A client's side of TLS; a name is sent and checked, an address only checked.
    private static func handler(
        _ context: NIOSSLContext, _ host: String
    ) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
