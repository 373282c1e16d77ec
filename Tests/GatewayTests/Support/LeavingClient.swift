import NIOCore
import NIOPosix

/// A caller that leaves in the middle of an answer.
final class LeavingClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Sends a chat and leaves as soon as so many pieces of text have come.
    ///
    /// - Returns: how many had come.
    static func chat(
        _ body: String,
        to port: Int,
        key: String,
        id: String = "leaving",
        leavingAfter pieces: Int
    ) async throws -> Int {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let done = loop.makePromise(of: Int.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        LeavingClient(pieces: pieces, done))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let head =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer \(key)\r\n"
            + "X-Request-Id: \(id)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: head + body))
        if pieces == 0 { channel.close(promise: nil) }
        return try await done.futureResult.get()
    }

    private let pieces: Int
    private let done: EventLoopPromise<Int>
    private var text = ""

    private init(pieces: Int, _ done: EventLoopPromise<Int>) {
        self.pieces = pieces
        self.done = done
    }

    private var count: Int {
        text.components(of: #""content":" "#)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        let isOver = text.contains("[DONE]") || text.contains(#"{"error":"#)
        if count >= pieces || isOver { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { done.succeed(count) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension String {
    /// How often a text comes in this one.
    func components(of part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let found = rest.firstRange(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
