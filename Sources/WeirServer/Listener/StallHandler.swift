import NIOCore

/// Closes a connection whose other end takes none of the bytes that wait for it.
///
/// Stands next to the socket, so that bytes are counted as they go out.
final class StallHandler: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let step: TimeAmount
    private var watch = StallWatch()
    private var timer: Scheduled<Void>?

    init(step: TimeAmount) {
        self.step = step
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if watch.wrote(unwrapOutboundIn(data).readableBytes) { schedule(context) }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    private func schedule(_ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated()
            .scheduleTask(in: step) {
                self.timer = nil
                self.look(context)
            }
    }

    private func look(_ context: ChannelHandlerContext) {
        let options = context.channel.syncOptions
        let waiting = (try? options?.getOption(.bufferedWritableBytes)) ?? 0
        switch watch.look(waiting: waiting) {
        case .idle: break
        case .moving: schedule(context)
        case .stalled: context.close(promise: nil)
        }
    }
}
