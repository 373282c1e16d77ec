import NIOCore
import NIOPosix
import StrictJSON
import Testing

@testable import MockBackend

/// Starts a backend for as long as `body` runs.
func serve(
    _ settings: MockSettings = MockSettings(),
    _ body: (MockBackend) async throws -> Void
) async throws {
    let backend = try await MockBackend.start(
        settings, group: MultiThreadedEventLoopGroup.singleton)
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(backend))
    } catch {
        result = .failure(error)
    }
    try await backend.stop()
    try result.get()
}

/// The body of a short chat.
func chatBody(_ members: String = "") -> String {
    #"{"model":"mock","messages":[{"role":"user","content":"hello"}]\#(members)}"#
}

/// A request in its bytes.
func requestText(
    post body: String,
    to target: String = "/v1/chat/completions",
    id: String? = nil,
    headers: String = "",
    isLast: Bool = false
) -> String {
    let idHeader = id.map { "x-request-id: \($0)\r\n" } ?? ""
    let end = isLast ? "Connection: close\r\n" : ""
    return "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n"
        + "\(idHeader)\(headers)\(end)\r\n\(body)"
}

extension MockBackend {
    /// Opens a connection.
    func connect() async throws -> RawClient {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let first = loop.makePromise(of: Void.self)
        let all = loop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        RawClient.Collector(first: first, all: all))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, first: first.futureResult, all: all.futureResult)
    }

    /// Sends a request head without its last line end, and reads until the connection ends.
    func exchange(_ head: String, body: String = "") async throws -> String {
        let client = try await connect()
        try await client.send("\(head)Host: a\r\nConnection: close\r\n\r\n\(body)")
        return try await client.all()
    }

    /// Posts a body, and reads until the connection ends.
    func exchange(
        post body: String,
        to target: String = "/v1/chat/completions",
        id: String? = nil,
        headers: String = ""
    ) async throws -> String {
        let client = try await connect()
        try await client.send(
            requestText(post: body, to: target, id: id, headers: headers, isLast: true))
        return try await client.all()
    }

    /// What it says about itself to other processes.
    func figures() async throws -> JSONValue {
        let answer = try await exchange("GET /mock/statistics HTTP/1.1\r\n")
        let end = try #require(answer.firstRange(of: "\r\n\r\n"))
        return try JSONValue(parsing: Array(answer[end.upperBound...].utf8))
    }

    /// Asks until nothing is running, which is soon.
    func settle() async throws {
        for _ in 0..<10_000 where statistics.running > 0 { _ = try await figures() }
        #expect(statistics.running == 0)
    }
}

/// A connection that sends text and keeps what comes.
struct RawClient {
    let channel: any Channel
    let first: EventLoopFuture<Void>
    let all: EventLoopFuture<String>

    func send(_ text: String) async throws {
        // Who is refused early may find the connection closed.
        try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func send(post body: String, id: String) async throws {
        try await send(requestText(post: body, id: id))
    }

    /// Waits for something to come.
    func firstBytes() async throws { try await first.get() }

    /// Everything that came until the other side ended the connection.
    func all() async throws -> String { try await all.get() }

    func close() async throws { try await channel.close() }

    final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        /// What is kept: endless streams are not read for their text.
        private static let mostBytes = 16 * 1_048_576

        private let first: EventLoopPromise<Void>
        private let all: EventLoopPromise<String>
        private var bytes = ByteBuffer()

        init(first: EventLoopPromise<Void>, all: EventLoopPromise<String>) {
            self.first = first
            self.all = all
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var more = unwrapInboundIn(data)
            first.succeed()
            if bytes.readableBytes < Self.mostBytes { bytes.writeBuffer(&more) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            first.fail(ChannelError.eof)
            all.succeed(String(buffer: bytes))
        }
    }
}
