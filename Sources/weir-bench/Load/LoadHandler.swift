import NIOCore

/// One connection of a load generator: sends, waits for the response, sends again.
final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let counter: LoadCounter
    private let expectedStatus: Int
    private let done: EventLoopPromise<Void>
    private var turn: Int
    private var sentAt = NIODeadline.now()
    private var received = ByteBuffer()
    private var isFirst = true
    private var isDone = false

    /// `number` is the connection's, where it begins in the requests; `done` is kept when it has
    /// nothing more to send, or fails.
    init(
        _ counter: LoadCounter, number: Int, expectedStatus: Int, done: EventLoopPromise<Void>
    ) {
        self.counter = counter
        self.expectedStatus = expectedStatus
        self.done = done
        turn = number
    }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        // As a rule a response comes in one piece and need not be copied.
        if received.readableBytes > 0 {
            received.writeBuffer(&bytes)
        } else {
            received = bytes
        }
        do {
            let response = try received.withUnsafeReadableBytes { bytes in
                try ResponseParser.parse(bytes)
            }
            guard let response else { return }
            guard response.status == expectedStatus else {
                throw LoadFailure(
                    "the server answered \(response.status) in place of \(expectedStatus): "
                        + String(buffer: received))
            }
            guard response.bytes == received.readableBytes else {
                throw LoadFailure("the server sent more than it was asked for")
            }
            counter.count(nanoseconds: (NIODeadline.now() - sentAt).nanoseconds)
            if isFirst {
                isFirst = false
                counter.keep(sample: Array(received.readableBytesView))
            }
            received.clear()
            send(context)
        } catch {
            finish(context, .failure(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, .failure(LoadFailure("the server closed a connection")))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context, .failure(error))
    }

    private func send(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        guard let request = counter.next(turn: turn, now: now) else {
            finish(context, .success(()))
            return
        }
        turn += 1
        sentAt = now
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    private func finish(_ context: ChannelHandlerContext, _ result: Result<Void, any Error>) {
        guard !isDone else { return }
        isDone = true
        done.completeWith(result)
        context.close(promise: nil)
    }
}
