import NIOCore
import NIOHTTP1

/// Drives a ``ConnectionState``: passes on parts of requests and answers, keeps the timers, and
/// does what the state decides.
final class ListenerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var state: ConnectionState
    /// At most one timer for each wait; it is set again when it goes off too early, which costs
    /// less than one for each request.
    private var timers: [ConnectionState.Wait: Scheduled<Void>] = [:]
    /// Who has asked to close while we say goodbye.
    private var closing: [EventLoopPromise<Void>] = []

    init(limits: ListenerLimits) {
        state = ConnectionState(limits: limits)
    }

    /// Bytes have come, and are not decoded yet.
    ///
    /// - Returns: false when nobody wants them.
    func received(areBlank: Bool, now: NIODeadline) -> Bool {
        state.received(areBlank: areBlank, now: now)
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { opened(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        opened(context)
        context.fireChannelActive()
    }

    private func opened(_ context: ChannelHandlerContext) {
        state.opened(now: context.eventLoop.now)
        schedule(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state.takesRequests else { return }
        let now = context.eventLoop.now
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let refusal = RequestHeadRules.refusal(of: head) {
                return act(state.refuse(refusal, now: now), context)
            }
            // Before it is passed on: it may be answered at once.
            act(
                state.headEnded(
                    isLast: RequestHeadRules.isLast(head),
                    expectsContinue: RequestHeadRules.expectsContinue(head), now: now),
                context)
            context.fireChannelRead(data)
        case .body:
            state.bodyReceived()
            context.fireChannelRead(data)
        case .end:
            context.fireChannelRead(data)
            act(state.requestEnded(now: now), context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        schedule(context)
        context.fireChannelReadComplete()
        // Nobody else asks for what is only read to be dropped.
        if state.isGoodbye { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            return context.fireErrorCaught(error)
        }
        act(state.refuse(.unreadable(error), now: context.eventLoop.now), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            failUnfinishedBody(context)
            act(state.inputClosed(now: context.eventLoop.now), context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        failUnfinishedBody(context)
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    /// Half a body must not pass for a whole one.
    private func failUnfinishedBody(_ context: ChannelHandlerContext) {
        if state.isMidBody { context.fireErrorCaught(HTTPParserError.invalidEOFState) }
    }

    private func end() {
        for timer in timers.values { timer.cancel() }
        timers = [:]
        for promise in closing { promise.succeed() }
        closing = []
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard state.takesAnswers else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.code >= 200 else {
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
            if state.isLastAnswer {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            let action = state.answerStarted(
                isEndless: head.isOfEvents, now: context.eventLoop.now)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            act(action, context)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            act(state.answerEnded(now: context.eventLoop.now), context)
            schedule(context)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard state.isGoodbye else { return context.close(mode: mode, promise: promise) }
        switch mode {
        case .all: if let promise { closing.append(promise) }
        case .output: promise?.succeed()
        case .input: context.close(mode: mode, promise: promise)
        }
    }

    // MARK: What the state decides

    private func act(_ action: ConnectionState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none:
            break
        case .sendContinue:
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        case .refuse(let refusal):
            for part in refusal.response { context.write(wrapOutboundOut(part), promise: nil) }
            sayGoodbye(context)
            // Who reads the request must not take what has come of it for all of it.
            context.fireErrorCaught(refusal)
        case .sayGoodbye:
            sayGoodbye(context)
        case .close:
            if state.isMidBody { context.fireErrorCaught(Refusal.bodyTimeout) }
            context.close(promise: nil)
        }
    }

    /// Closing with bytes unread would make the other end drop an answer that it has not read.
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        context.flush()
        context.close(mode: .output, promise: nil)
        schedule(context)
        context.read()
    }

    private func schedule(_ context: ChannelHandlerContext) {
        guard let deadline = state.deadline, timers[deadline.wait] == nil,
            context.channel.isActive
        else { return }
        timers[deadline.wait] = context.eventLoop.assumeIsolated()
            .scheduleTask(deadline: deadline.time) {
                self.timers[deadline.wait] = nil
                self.act(self.state.timerFired(now: context.eventLoop.now), context)
                self.schedule(context)
            }
    }
}

extension HTTPResponseHead {
    /// Whether a stream of server-sent events follows.
    fileprivate var isOfEvents: Bool {
        headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true
    }
}
