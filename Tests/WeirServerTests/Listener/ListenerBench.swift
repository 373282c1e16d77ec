import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import WeirServer

/// A connection without a socket, whose time is moved by hand.
final class ListenerBench {
    /// Stands for the routes: keeps what reaches them.
    final class Routes: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        var targets: [String] = []
        var bodyBytes = 0
        var ends = 0
        var errors: [any Error] = []
        /// Called when a head comes.
        var onHead: () -> Void = {}

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                targets.append(head.uri)
                onHead()
            case .body(let bytes): bodyBytes += bytes.readableBytes
            case .end: ends += 1
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            errors.append(error)
        }
    }

    /// Stands for the socket: keeps half a closing, which an embedded channel takes for a whole.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = IOData

        var isOutputClosed = false

        func close(
            context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
        ) {
            if mode == .output {
                isOutputClosed = true
                promise?.succeed()
            } else {
                context.close(mode: mode, promise: promise)
            }
        }
    }

    private let channel = EmbeddedChannel()
    let routes = Routes()
    private let socket = Socket()

    init(limits: ListenerLimits = ListenerLimits()) throws {
        let listener = ListenerHandler(limits: limits)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([socket, ArrivalHandler(listener)])
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits.decoder)
        try pipeline.addHandlers([listener, routes])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    var isOpen: Bool { channel.isActive }
    var isOutputClosed: Bool { socket.isOutputClosed }

    /// The other end sends this.
    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    /// The other end says that it sends no more.
    func closeInput() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Whoever serves the connection closes it.
    func close() -> EventLoopFuture<Void> {
        channel.close()
    }

    /// Lets time pass.
    func pass(_ time: TimeAmount) {
        channel.embeddedEventLoop.advanceTime(by: time)
    }

    /// The routes begin an answer of two bytes.
    func beginAnswer(_ status: HTTPResponseStatus = .ok) {
        let head = HTTPResponseHead(
            version: .http1_1, status: status, headers: ["Content-Length": "2"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
    }

    /// The routes end an answer.
    func endAnswer() {
        let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "ok")))
        channel.write(body, promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    /// The routes answer the oldest request.
    func answer(_ status: HTTPResponseStatus = .ok) {
        beginAnswer(status)
        endAnswer()
    }

    /// What the other end has got since the last call.
    func received() throws -> String {
        var text = ""
        while let data = try channel.readOutbound(as: IOData.self) {
            guard case .byteBuffer(let buffer) = data else { continue }
            text += String(buffer: buffer)
        }
        return text
    }
}
