import NIOCore

/// One connection of a load generator: sends, waits for the response, sends again.
final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let counter: LoadCounter
    private let done: EventLoopPromise<Void>
    private var turn: Int
    private var sentAt = NIODeadline.now()
    private var reader: ResponseReader
    private var isFirst = true
    private var isDone = false

    /// `number` is the connection's, where it begins in the requests; `done` is kept when it has
    /// nothing more to send, or fails.
    init(
        _ counter: LoadCounter, number: Int, expectedStatus: Int, done: EventLoopPromise<Void>
    ) {
        self.counter = counter
        reader = ResponseReader(expectedStatus: expectedStatus)
        self.done = done
        turn = number
    }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            guard let response = try reader.receive(unwrapInboundIn(data)) else { return }
            counter.count(nanoseconds: (NIODeadline.now() - sentAt).nanoseconds)
            if isFirst {
                isFirst = false
                counter.keep(sample: Array(response.readableBytesView))
            }
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
