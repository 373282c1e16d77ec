public import NIOCore

/// Listens to channels, on a connection of its own that is made again whenever it ends.
///
/// Redis keeps no messages for those who are away: after
/// ``RESPSubscriptionEvent/reconnected`` some may be missing. A connection that is dead is noticed
/// within ``RedisConfiguration/keepalive`` and ``RedisConfiguration/stallTimeout`` together. In a
/// cluster, any node delivers what is published on any.
public final class RESPSubscriber: Sendable {
    private let eventLoop: any EventLoop
    private let feed: NIOLoopBoundBox<SubscriptionFeed>

    /// Creates a subscriber, which does nothing until it is started.
    ///
    /// - Parameters:
    ///   - configuration: Where Redis is.
    ///   - eventLoopGroup: Of its event loops, the next one is used.
    ///   - random: A number from 0 up to 1, for the waits before connecting again.
    ///   - handler: Is told what happens, on the event loop; it must not block.
    /// - Throws: Which file that TLS needs could not be read.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        handler: @escaping @Sendable (RESPSubscriptionEvent) -> Void
    ) throws(RedisConfigurationError) {
        guard !configuration.endpoints.isEmpty else {
            throw RedisConfigurationError("no server is configured")
        }
        let eventLoop = eventLoopGroup.next()
        self.eventLoop = eventLoop
        let tls = try configuration.tls.map { (tls) throws(RedisConfigurationError) in
            try TLSContext.make(tls)
        }
        let connector = Connector(configuration, tls: tls, eventLoop: eventLoop)
        let source = EndpointSource(connector)
        let feed = SubscriptionFeed(
            connector: connector, purpose: .subscription, random: random,
            find: { source.find(completion: $0) })
        feed.handler = handler
        self.feed = .makeBoxSendingValue(feed, eventLoop: eventLoop)
    }

    /// Begins to connect.
    public func start() {
        eventLoop.execute { [feed] in feed.value.start() }
    }

    /// Listens to a channel from now on.
    public func subscribe(to channel: String) {
        eventLoop.execute { [feed] in feed.value.subscribe(to: channel) }
    }

    /// Does not listen to a channel any more.
    public func unsubscribe(from channel: String) {
        eventLoop.execute { [feed] in feed.value.unsubscribe(from: channel) }
    }

    /// Ends the connection, and returns when nothing of it is left.
    public func shutdown() async {
        await withCheckedContinuation { continuation in
            eventLoop.execute { [feed] in
                feed.value.stop()
                feed.value.connector.close(.shutDown) { continuation.resume() }
            }
        }
    }
}
