import NIOCore

/// One connection of an open loop: sends when it is told to, and says when it is free again.
final class OpenLoopHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let schedule: OpenLoopSchedule
    private let done: EventLoopPromise<Void>
    private var reader = ResponseReader(expectedStatus: 200)
    private var context: ChannelHandlerContext?
    private var due = NIODeadline.distantPast
    private var isDone = false

    init(_ schedule: OpenLoopSchedule, done: EventLoopPromise<Void>) {
        self.schedule = schedule
        self.done = done
    }

    /// Sends a request that was to be sent at `due`.
    func send(_ request: ByteBuffer, due: NIODeadline) {
        self.due = due
        context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Ends the connection: there is nothing more to send.
    func finish() { finish(.success(())) }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        schedule.joined(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            guard try reader.receive(unwrapInboundIn(data)) != nil else { return }
            schedule.answered(self, due: due)
        } catch {
            finish(.failure(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(LoadFailure("the server closed a connection")))
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(error))
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard !isDone else { return }
        isDone = true
        done.completeWith(result)
        context?.close(promise: nil)
    }
}
