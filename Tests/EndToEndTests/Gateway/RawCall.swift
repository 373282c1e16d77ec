import NIOCore
import NIOPosix

/// A connection on which a test says what no well-behaved client says.
enum RawCall {
    /// What the other end said.
    struct Hearing: Sendable {
        var bytes: [UInt8] = []
        /// Whether it has closed the connection, or reset it.
        var isClosed = false

        var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The answers, as far as they are whole.
        var answers: [RawAnswer] { RawAnswer.all(in: bytes) }
    }

    /// How long the other end is listened to.
    ///
    /// Shorter than the time for which the server keeps a quiet connection open: one that had to be
    /// closed and is kept is found out.
    static let patience = TimeAmount.seconds(40)

    /// Says something, and listens until the other end closes or `isEnough`; then hangs up.
    ///
    /// - Parameters:
    ///   - bytes: what to say.
    ///   - url: where.
    ///   - halfCloses: whether to say that nothing more follows.
    ///   - isEnough: asked whenever something has come, and once before.
    /// - Returns: what the other end said.
    /// - Throws: a failure to connect.
    static func exchange(
        _ bytes: [UInt8],
        url: String,
        halfCloses: Bool = false,
        until isEnough: @escaping @Sendable (Hearing) -> Bool = { _ in false }
    ) async throws -> Hearing {
        let port = url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let group = MultiThreadedEventLoopGroup.singleton
        let end = group.next().makePromise(of: Hearing.self)
        do {
            _ = try await ClientBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            Conversation(
                                bytes, halfCloses: halfCloses, until: isEnough,
                                patience: patience, end))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
        } catch {
            end.fail(error)
        }
        return try await end.futureResult.get()
    }
}

/// Speaks as soon as the connection stands, however busy this process is: the other end does not
/// wait for long.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: [UInt8]
    private let halfCloses: Bool
    private let isEnough: @Sendable (RawCall.Hearing) -> Bool
    private let patience: TimeAmount
    private let end: EventLoopPromise<RawCall.Hearing>
    private var hearing = RawCall.Hearing()
    private var isOver = false
    private var alarm: Scheduled<Void>?

    init(
        _ bytes: [UInt8],
        halfCloses: Bool,
        until isEnough: @escaping @Sendable (RawCall.Hearing) -> Bool,
        patience: TimeAmount,
        _ end: EventLoopPromise<RawCall.Hearing>
    ) {
        self.bytes = bytes
        self.halfCloses = halfCloses
        self.isEnough = isEnough
        self.patience = patience
        self.end = end
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        alarm = context.eventLoop.assumeIsolated()
            .scheduleTask(in: patience) { self.finish(channel, isClosed: false) }
        // Who refuses to hear it all has closed; what it said before counts.
        context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        context.flush()
        if isEnough(hearing) { return finish(channel, isClosed: false) }
        if halfCloses { context.close(mode: .output, promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOver { return }
        hearing.bytes += unwrapInboundIn(data).readableBytesView
        if isEnough(hearing) { finish(context.channel, isClosed: false) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { finish(context.channel, isClosed: true) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context.channel, isClosed: true)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context.channel, isClosed: true)
    }

    private func finish(_ channel: any Channel, isClosed: Bool) {
        if isOver { return }
        isOver = true
        alarm?.cancel()
        hearing.isClosed = isClosed
        channel.close(promise: nil)
        end.succeed(hearing)
    }
}
