import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server that does what a test says, and keeps what it got.
final class ScriptedReceiver: Sendable {
    let port: Int
    private let channel: any Channel
    fileprivate let state: Mutex<State>
    private let arrivals: AsyncStream<Void>
    fileprivate let arrival: AsyncStream<Void>.Continuation

    fileprivate struct State {
        var replies: [ReceiverReply]
        var messages: [ReceivedMessage] = []
        var connections = 0
        /// Bytes of endless answers that were written.
        var written = 0
        var open: [Int: any Channel] = [:]
    }

    /// Runs `body` beside a receiver.
    ///
    /// The replies follow each other, the last one again and again.
    static func run<Value: Sendable>(
        _ replies: ReceiverReply...,
        address: String = "127.0.0.1",
        port: Int = 0,
        tls: TLSConfiguration? = nil,
        _ body: (ScriptedReceiver) async throws -> Value
    ) async throws -> Value {
        try await run(replies, address: address, port: port, tls: tls, body)
    }

    /// Runs `body` beside a receiver with a list of replies.
    static func run<Value: Sendable>(
        _ replies: [ReceiverReply],
        address: String = "127.0.0.1",
        port: Int = 0,
        tls: TLSConfiguration? = nil,
        _ body: (ScriptedReceiver) async throws -> Value
    ) async throws -> Value {
        let receiver = try await ScriptedReceiver(replies, address, port, tls)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(receiver))
        } catch {
            result = .failure(error)
        }
        await receiver.stop()
        return try result.get()
    }

    private init(
        _ replies: [ReceiverReply], _ address: String, _ port: Int, _ tls: TLSConfiguration?
    ) async throws {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let box = Box()
        state = Mutex(State(replies: replies))
        (arrivals, arrival) = AsyncStream.makeStream()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(ReceiverHandler(box))
                }
            }
            .bind(host: address, port: port).get()
        self.port = channel.localAddress?.port ?? 0
        box.receiver.withLock { $0 = self }
    }

    /// The requests so far.
    var messages: [ReceivedMessage] { state.withLock { $0.messages } }
    /// How many connections there were so far.
    var connections: Int { state.withLock { $0.connections } }
    /// How many connections are open.
    var openConnections: Int { state.withLock { $0.open.count } }
    /// How many bytes of endless answers were written.
    var written: Int { state.withLock { $0.written } }

    /// Waits for the next request that nobody has waited for.
    func waitForMessage() async {
        for await _ in arrivals { return }
    }

    /// Waits until all connections are closed by the other side.
    func waitUntilAllAreClosed() async throws {
        for channel in state.withLock({ Array($0.open.values) }) {
            try await channel.closeFuture.get()
        }
    }

    private func stop() async {
        try? await channel.close()
        let open = state.withLock { Array($0.open.values) }
        for channel in open { try? await channel.close() }
    }
}

/// The receiver, once it is there.
private final class Box: Sendable {
    let receiver = Mutex<ScriptedReceiver?>(nil)
}

private final class ReceiverHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let box: Box
    private var number = 0
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isEndless = false

    init(_ box: Box) {
        self.box = box
    }

    private var receiver: ScriptedReceiver? { box.receiver.withLock { $0 } }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        number =
            receiver?.state
            .withLock { state in
                state.connections += 1
                state.open[state.connections] = channel
                return state.connections
            } ?? 0
    }

    func channelInactive(context: ChannelHandlerContext) {
        isEndless = false
        receiver?.state.withLock { $0.open[number] = nil }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            body += part.readableBytesView
        case .end:
            guard let head, let receiver else { return }
            let message = ReceivedMessage(head: head, body: body, connection: number)
            let reply = receiver.state.withLock { state in
                state.messages.append(message)
                return state.replies.count > 1 ? state.replies.removeFirst() : state.replies[0]
            }
            receiver.arrival.yield()
            send(reply, context)
        }
    }

    private func send(_ reply: ReceiverReply, _ context: ChannelHandlerContext) {
        switch reply {
        case .answer(let status, let headers, let body):
            let all = [("content-length", "\(body.utf8.count)")] + headers
            write(status, HTTPHeaders(all), context)
            context.write(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .close:
            context.close(promise: nil)
        case .silence:
            break
        case .endless(let status):
            write(status, ["transfer-encoding": "chunked"], context)
            isEndless = true
            writeMore(context)
        case .stalled(let status):
            write(status, ["content-length": "1000"], context)
            context.writeAndFlush(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "half")))), promise: nil)
        }
    }

    private func write(_ status: Int, _ headers: HTTPHeaders, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func writeMore(_ context: ChannelHandlerContext) {
        guard isEndless else { return }
        let part = ByteBuffer(repeating: 0x20, count: 16_384)
        let done = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        done.futureResult.whenSuccess {
            let (handler, context) = bound.value
            handler.receiver?.state.withLock { $0.written += 16_384 }
            handler.writeMore(context)
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: done)
    }
}
