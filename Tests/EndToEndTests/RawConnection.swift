import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection that sends just these bytes, and hears what comes until the other end closes.
enum RawConnection {
    /// What came.
    struct Hearing: Sendable {
        var text = ""
        /// The certificate that the other end has shown.
        var certificate: NIOSSLCertificate?
    }

    /// A request that ends its connection.
    static func get(_ path: String, token: String? = nil) -> String {
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(authorization)Connection: close\r\n\r\n"
    }

    /// Sends a text to a port of this machine.
    ///
    /// Any certificate is taken. An end without a goodbye, such as a reset, is an end too.
    static func exchange(_ text: String, url: String) async throws -> Hearing {
        let isSecure = url.hasPrefix("https:")
        let port = url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let shown = Mutex<NIOSSLCertificate?>(nil)
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecure {
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: nil
                        ) { chain, promise in
                            shown.withLock { $0 = chain.first }
                            promise.succeed(.certificateVerified)
                        }
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(OpeningWords(text))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var hearing = Hearing()
        do {
            try await channel.executeThenClose { inbound, _ in
                for try await buffer in inbound { hearing.text += String(buffer: buffer) }
            }
        } catch is IOError {
        } catch is ChannelError {
        } catch is NIOSSLError {}
        hearing.certificate = shown.withLock { $0 }
        return hearing
    }
}

/// Says what there is to say as soon as a connection stands, however busy this process is: the
/// other end may not wait long.
private final class OpeningWords: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.fireChannelActive()
    }
}
