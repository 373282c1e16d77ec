package import NIOCore
import NIOPosix
import Synchronization

/// A proxy between a client and a server, that does to their connections what networks do.
package final class FaultProxy: Sendable {
    /// What is done to what passes.
    package enum Fault: Sendable {
        /// Nothing.
        case none
        /// All bytes come later, in both directions.
        case delay(TimeAmount)
        /// All bytes are taken and none passed on; connections stay open.
        case swallow
        /// The server's answers come byte by byte.
        case dribble(every: TimeAmount)
        /// The client's next bytes with this text in them still reach the server, but no answer
        /// comes back: the connection breaks instead.
        case loseAnswer(to: String)
        /// New connections are closed at once, and open ones break.
        case refuse
        /// The server's side is shut after its next answer, and the client's stays open.
        case halfClose
    }

    struct State {
        var fault = Fault.none
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// How often an answer was lost.
        var lost = 0
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    let state = Mutex(State())
    /// Where it listens, on 127.0.0.1.
    package let port: Int

    /// Starts a proxy to a port of 127.0.0.1.
    package init(to upstream: Int) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let holder = Holder()
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(
                        ProxyClientHandler(holder.proxy, upstream: upstream))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        holder.set(self)
    }

    /// Changes what is done from now on.
    package func set(_ fault: Fault) {
        let broken = state.withLock { state in
            state.fault = fault
            guard case .refuse = fault else { return [any Channel]() }
            return Array(state.channels.values)
        }
        for channel in broken { channel.close(promise: nil) }
    }

    var fault: Fault { state.withLock { $0.fault } }

    /// How often an answer was lost.
    package var lostAnswers: Int { state.withLock { $0.lost } }

    /// Breaks all connections, and ends.
    package func close() async {
        set(.refuse)
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// Knows the proxy once it is made.
private final class Holder: Sendable {
    private let known = Mutex<Weak?>(nil)

    private struct Weak {
        weak var proxy: FaultProxy?
    }

    var proxy: FaultProxy? { known.withLock { $0?.proxy } }

    func set(_ proxy: FaultProxy) { known.withLock { $0 = Weak(proxy: proxy) } }
}

/// The client's side of a connection.
private final class ProxyClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: FaultProxy?
    private let upstream: Int
    private var server: (any Channel)?
    private var early: [ByteBuffer] = []

    init(_ proxy: FaultProxy?, upstream: Int) {
        self.proxy = proxy
        self.upstream = upstream
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .refuse = proxy?.fault { return context.close(promise: nil) }
        let client = context.channel
        proxy?.state.withLock { $0.channels[ObjectIdentifier(client)] = client }
        let (proxy, bound) = (proxy, NIOLoopBound(self, eventLoop: context.eventLoop))
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(
                        ProxyServerHandler(proxy, client: client))
                }
            }
            .connect(host: "127.0.0.1", port: upstream)
            .whenComplete { result in
                switch result {
                case .success(let server): bound.value.connected(server)
                case .failure: client.close(promise: nil)
                }
            }
    }

    private func connected(_ server: any Channel) {
        self.server = server
        for bytes in early { pass(bytes, to: server) }
        early = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let server else { return early.append(bytes) }
        pass(bytes, to: server)
    }

    private func pass(_ bytes: ByteBuffer, to server: any Channel) {
        switch proxy?.fault ?? .none {
        case .swallow: break
        case .delay(let time):
            server.eventLoop.scheduleTask(in: time) { server.writeAndFlush(bytes, promise: nil) }
        case .loseAnswer(let text):
            if String(buffer: bytes).contains(text) {
                proxy?.state.withLock { $0.lost += 1 }
                // Tells the other side to break instead of answering.
                server.pipeline.fireUserInboundEventTriggered(LoseAnswer())
            }
            server.writeAndFlush(bytes, promise: nil)
        default: server.writeAndFlush(bytes, promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let id = ObjectIdentifier(context.channel)
        proxy?.state.withLock { $0.channels[id] = nil }
        server?.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { server?.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

private struct LoseAnswer: Sendable {}

/// The server's side of a connection.
private final class ProxyServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let proxy: FaultProxy?
    private let client: any Channel
    private var losesAnswer = false

    init(_ proxy: FaultProxy?, client: any Channel) {
        self.proxy = proxy
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        let client = client
        if losesAnswer {
            client.close(promise: nil)
            return context.close(promise: nil)
        }
        switch proxy?.fault ?? .none {
        case .swallow: break
        case .delay(let time):
            context.eventLoop.scheduleTask(in: time) { client.writeAndFlush(bytes, promise: nil) }
        case .dribble(let interval):
            for (index, byte) in bytes.readableBytesView.enumerated() {
                context.eventLoop.scheduleTask(in: interval * index) {
                    client.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil)
                }
            }
        case .halfClose:
            client.writeAndFlush(bytes, promise: nil)
            context.close(mode: .output, promise: nil)
        default: client.writeAndFlush(bytes, promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is LoseAnswer { losesAnswer = true }
        if event as? ChannelEvent == .inputClosed { client.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
