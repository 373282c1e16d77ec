import NIOCore
import NIOPosix
import Synchronization

/// A caller that says what a test tells it, byte for byte, and may read nothing for a while.
final class RawCaller: Sendable {
    /// How much of an answer the system keeps for a caller who does not read, in bytes.
    private static let receiveBufferBytes = 4_096

    private struct State {
        var bytes = ByteBuffer()
        var isClosed = false
    }

    private final class Ear: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let state = Mutex(State())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            state.withLock { _ = $0.bytes.writeImmutableBuffer(bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            state.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let ear: Ear

    /// Connects.
    ///
    /// - Parameters:
    ///   - server: to whom.
    ///   - reads: whether what comes is read before ``read()``.
    /// - Throws: why there is no connection.
    init(to server: TestGateway, reads: Bool = true) async throws {
        let ear = Ear()
        self.ear = ear
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(ear) }
        if !reads {
            bootstrap =
                bootstrap
                .channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.so_rcvbuf), value: Self.receiveBufferBytes)
        }
        channel = try await bootstrap.connect(host: "127.0.0.1", port: server.port).get()
    }

    /// Says something.
    func say(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Sends a chat, or another request.
    func ask(
        _ body: String,
        key: String,
        path: String = "/v1/chat/completions"
    ) async throws {
        try await say(Self.head(key: key, path: path, length: body.utf8.count) + body)
    }

    /// The head of a request.
    static func head(
        key: String?,
        path: String = "/v1/chat/completions",
        length: Int
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: weir\r\n"
            + (key.map { "Authorization: Bearer \($0)\r\n" } ?? "")
            + "Content-Type: application/json\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// Reads from now on.
    func read() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Hangs up.
    func leave() async throws { try await channel.close() }

    /// Everything that has come.
    var text: String { ear.state.withLock { String(buffer: $0.bytes) } }

    /// Whether the other end has hung up.
    var isClosed: Bool { ear.state.withLock { $0.isClosed } }

    /// Waits until what has come ends with a text.
    func hasHeard(end text: String) async throws {
        try await until { hasEnd(text) }
    }

    /// Waits until a text has come.
    func hasHeard(_ text: String) async throws {
        try await until { self.text.contains(text) }
    }

    /// Whether what has come ends with a text.
    func hasEnd(_ text: String) -> Bool {
        ear.state.withLock {
            $0.bytes.readableBytesView.suffix(text.utf8.count).elementsEqual(text.utf8)
        }
    }
}

/// Waits until something holds, or the test has run out of its time.
func until(_ condition: () throws -> Bool) async throws {
    while try !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
