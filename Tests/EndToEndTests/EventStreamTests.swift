import NIOCore
import NIOPosix
import Testing
import WeirClient

/// The stream of notifications, of which there are so many at a time.
@Suite(.timeLimit(.minutes(5)))
struct EventStreamTests {
    private static let path = "/api/admin/notifications/stream"
    /// The most streams that a server has open.
    private static let maximum = 64

    /// Opens a stream; answers its connection, and what came first.
    private func open(_ server: TestServer) async throws -> (channel: any Channel, words: String) {
        let port = server.url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let request = """
            GET \(Self.path) HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \(server.adminToken)\r\n\r\n
            """
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FirstWords(of: request, promise))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
        return (channel, try await promise.futureResult.get())
    }

    @Test func thePlacesOfThoseWhoLeaveAreFreeAtOnce() async throws {
        try await TestServer.run { server in
            for round in 1...2 {
                var channels: [any Channel] = []
                let isOpen = try await Poll.until(within: .seconds(5)) {
                    while channels.count < Self.maximum {
                        let (channel, words) = try await open(server)
                        guard words.hasPrefix("HTTP/1.1 200 ") else {
                            #expect(words.hasPrefix("HTTP/1.1 503 "), "\(words)")
                            try await channel.close()
                            return false
                        }
                        channels.append(channel)
                    }
                    return true
                }
                #expect(isOpen, "\(channels.count) streams of round \(round)")
                let (channel, words) = try await open(server)
                #expect(words.hasPrefix("HTTP/1.1 503 "), "\(words)")
                for channel in channels + [channel] { try await channel.close() }
            }
        }
    }
}

/// Sends a request at once, before its time is over on a busy machine, and waits for the first
/// bytes that come.
private final class FirstWords: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private let promise: EventLoopPromise<String>

    init(of request: String, _ promise: EventLoopPromise<String>) {
        self.request = request
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        let bytes = context.channel.allocator.buffer(string: request)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        promise.succeed(String(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }
}
