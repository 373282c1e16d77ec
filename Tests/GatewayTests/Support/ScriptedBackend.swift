import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A backend that answers byte for byte what a test wants, at once or when the test says so.
final class ScriptedBackend: Sendable {
    /// A request that has come whole.
    struct Request: Sendable {
        /// Its number among all requests, from 0.
        let number: Int
        /// Its number on its connection, from 0.
        let numberOnConnection: Int
        let path: String
        let body: String
    }

    /// What becomes of a request as soon as it has come.
    enum Reply: Sendable {
        /// These bytes are said.
        case say(String)
        /// The connection is closed.
        case close
        /// Nothing, until the test says it.
        case nothing
    }

    /// Decides what becomes of a request.
    typealias Script = @Sendable (Request) -> Reply

    let port: Int
    private let listener: any Channel
    private let hall: Hall

    /// Starts a backend; without a script it says nothing by itself.
    init(_ script: @escaping Script = { _ in .nothing }) async throws {
        let hall = Hall(script)
        self.hall = hall
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(ScriptedConnection(hall))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
    }

    /// The requests that have come.
    var requests: [Request] { hall.state.withLock { $0.map(\.request) } }

    /// Says something to who sent a request, as a part of its answer.
    func say(_ text: String, to number: Int = 0) async throws {
        try await channel(number).writeAndFlush(ByteBuffer(string: text))
    }

    /// Closes the connection of a request.
    func close(_ number: Int = 0) async throws {
        // It may be closed already.
        try? await channel(number).close()
    }

    /// Waits until so many requests have come.
    func hasHeard(_ count: Int) async throws {
        try await until { hall.state.withLock { $0.count } >= count }
    }

    /// Takes no more connections; those that stand are closed.
    func stop() async throws {
        try await listener.close()
        for place in hall.state.withLock({ $0 }) { place.channel.close(promise: nil) }
    }

    private func channel(_ number: Int) throws -> any Channel {
        let places = hall.state.withLock { $0 }
        guard places.indices.contains(number) else { throw MissingRequest(number: number) }
        return places[number].channel
    }
}

/// A test speaks to a request that has not come.
struct MissingRequest: Error {
    let number: Int
}

/// What the connections of a scripted backend share.
private final class Hall: Sendable {
    struct Place: Sendable {
        let request: ScriptedBackend.Request
        let channel: any Channel
    }

    let script: ScriptedBackend.Script
    let state = Mutex<[Place]>([])

    init(_ script: @escaping ScriptedBackend.Script) { self.script = script }
}

private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let hall: Hall
    private var path = ""
    private var body = ByteBuffer()
    private var count = 0

    init(_ hall: Hall) { self.hall = hall }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            path = head.uri
            body = ByteBuffer()
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end:
            let request = hall.state.withLock { places in
                let request = ScriptedBackend.Request(
                    number: places.count, numberOnConnection: count, path: path,
                    body: String(buffer: body))
                places.append(Hall.Place(request: request, channel: context.channel))
                return request
            }
            count += 1
            switch hall.script(request) {
            case .say(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .close: context.close(promise: nil)
            case .nothing: break
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
