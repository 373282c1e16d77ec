import NIOCore
import NIOPosix
import Synchronization

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
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let hasGivenUp = Mutex(false)
        let raw = channel.channel
        let patience = raw.eventLoop.scheduleTask(in: patience) {
            hasGivenUp.withLock { $0 = true }
            raw.close(promise: nil)
        }
        defer { patience.cancel() }
        var hearing = try await channel.executeThenClose { inbound, outbound in
            async let speaking: Void = speak(bytes, over: outbound, halfCloses: halfCloses)
            let hearing = try await listen(to: inbound, until: isEnough)
            raw.close(promise: nil)
            await speaking
            return hearing
        }
        if hasGivenUp.withLock({ $0 }) { hearing.isClosed = false }
        return hearing
    }

    private static func speak(
        _ bytes: [UInt8], over outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        halfCloses: Bool
    ) async {
        // Who refuses to hear it all has closed; what it said before counts.
        try? await outbound.write(ByteBuffer(bytes: bytes))
        if halfCloses { outbound.finish() }
    }

    private static func listen(
        to inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        until isEnough: @Sendable (Hearing) -> Bool
    ) async throws -> Hearing {
        var hearing = Hearing()
        if isEnough(hearing) { return hearing }
        do {
            for try await buffer in inbound {
                hearing.bytes += buffer.readableBytesView
                if isEnough(hearing) { return hearing }
            }
        } catch is IOError {
        } catch is ChannelError {}
        hearing.isClosed = true
        return hearing
    }
}
