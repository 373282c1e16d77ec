import NIOCore
import NIOHTTP1
import StrictJSON

/// One connection: reads requests and does what is decided about them.
final class MockHandler: ChannelInboundHandler, MockPacer.Stream {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// A request that is being read.
    private struct Reading {
        var target: MockTarget
        var body = ByteBuffer()
    }

    /// An answer that is being generated.
    private struct Answering {
        var generation: MockGeneration
        let requestID: String?
        let promptTokens: Int
        /// How many tokens the statistics have.
        var counted = 0
    }

    let shared: MockShared
    let pacer: MockPacer
    var pacerIndex: Int?

    private var context: ChannelHandlerContext?
    private var reading: Reading?
    private var answering: Answering?
    private var timer: Scheduled<Void>?
    /// Whether a turn has been asked for.
    private var isScheduled = false
    /// Whether the connection ends once all is written, and takes no further request.
    private var isClosing = false
    /// What came of further requests.
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var waitingBytes = 0

    /// Whether further requests are being taken up.
    private var isDraining = false

    /// How long a client that still sends may read why nobody listens.
    private static let lingering = TimeAmount.milliseconds(250)
    /// How often an unpaced stream goes on before others have their turn.
    private static let turns = 8

    init(_ shared: MockShared, _ pacer: MockPacer) {
        self.shared = shared
        self.pacer = pacer
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        shared.opened(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        shared.closed(context.channel)
        giveUp()
        waiting.removeAll()
        reading = nil
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, answering == nil, !isClosing {
            return refuse(.malformed, MockHead(), isTriton: false)
        }
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { advance() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isClosing { return }
        guard answering != nil else { return take(part) }
        waitingBytes += part.waitingBytes
        waiting.append(part)
        if waitingBytes > MockLimits.waitingBytes { context.close(promise: nil) }
    }

    func tick() { advance() }

    // MARK: Requests

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            let target = MockTarget(head, shared)
            reading = Reading(target: target)
            if target.expectsContinue, target.refusal == nil {
                var buffer = ByteBuffer()
                buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
                context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            }
            if let refusal = target.refusal, refusal.closes { end(reading: target, refusal) }
        case .body(var bytes):
            guard var request = reading.take() else { return }
            let size = request.body.readableBytes + bytes.readableBytes
            if size > MockLimits.bodyBytes { return end(reading: request.target, .tooLarge) }
            if request.body.readableBytes == 0 {
                request.body = bytes
            } else {
                request.body.writeBuffer(&bytes)
            }
            reading = request
        case .end:
            guard let request = reading.take() else { return }
            if let refusal = request.target.refusal {
                return end(reading: request.target, refusal)
            }
            answer(request)
        }
    }

    /// Answers a request with an error.
    private func end(reading target: MockTarget, _ refusal: MockRefusal) {
        reading = nil
        if target.isGenerated {
            _ = shared.begin()
            shared.end(id: target.head.requestID, outcome: .failed)
        }
        refuse(refusal, target.head, isTriton: target.isTriton)
    }

    private func answer(_ request: Reading) {
        guard let route = request.target.route else { return }
        guard case .generate(let endpoint, let model) = route else {
            return write(MockPage(route, shared), request.target.head)
        }
        let head = request.target.head
        let (number, running) = shared.begin()
        let decision: MockPlanner.Decision
        do throws(MockRefusal) {
            let asked = try MockRequest(
                body: request.body, endpoint: endpoint, model: model,
                directive: request.target.directive)
            decision = shared.planner.decide(asked, number: number, running: running)
        } catch {
            decision = .refuse(error)
        }
        switch decision {
        case .refuse(let refusal):
            shared.end(id: head.requestID, outcome: .failed)
            refuse(refusal, head, isTriton: endpoint.isTriton)
        case .reset:
            shared.end(id: head.requestID, outcome: .failed)
            isClosing = true
            context?.close(promise: nil)
        case .answer(let plan):
            let now = NIODeadline.now()
            let prompt = plan.request.promptTokens
            shared.count(promptTokens: prompt, completionTokens: 0)
            answering = Answering(
                generation: MockGeneration(
                    plan, MockIdentity(number: number, created: shared.seconds(at: now)), head,
                    now: now.uptimeNanosecondsOfClock),
                requestID: head.requestID, promptTokens: prompt)
            advance()
        }
    }

    // MARK: Answers

    /// Goes on with the answer, as far as it goes now.
    private func advance() {
        guard let context, answering != nil else { return }
        timer?.cancel()
        timer = nil
        var next = MockGeneration.Next.again
        var turn = 0
        var hasWritten = false
        while next == .again, turn < Self.turns {
            let isWritable = context.channel.isWritable
            guard var current = answering.take() else { return }
            next = current.generation.advance(
                now: NIODeadline.now().uptimeNanosecondsOfClock, isWritable: isWritable
            ) { bytes in
                context.write(wrapOutboundOut(bytes), promise: nil)
                hasWritten = true
            }
            count(&current)
            answering = current
            turn += 1
        }
        switch next {
        case .done: return finish(isBroken: false)
        case .broken: return finish(isBroken: true)
        case .again: schedule()
        case .tick: pacer.add(self)
        case .at(let time):
            timer = context.eventLoop.assumeIsolated()
                .scheduleTask(
                    deadline: .uptimeNanoseconds(time)
                ) { self.advance() }
        case .writable, .never: pacer.remove(self)
        }
        if hasWritten { context.flush() }
    }

    private func schedule() {
        guard !isScheduled, let context else { return }
        isScheduled = true
        context.eventLoop.assumeIsolated()
            .execute {
                self.isScheduled = false
                self.advance()
            }
    }

    private func count(_ current: inout Answering) {
        let tokens = current.generation.tokens
        shared.count(promptTokens: 0, completionTokens: tokens - current.counted)
        current.counted = tokens
    }

    /// The answer has been written, or breaks off.
    private func finish(isBroken: Bool) {
        pacer.remove(self)
        guard let current = answering.take() else { return }
        let isRight = !isBroken && current.generation.plan.fault == .none
        shared.end(
            id: current.requestID, outcome: isRight ? .completed : .failed,
            promptTokens: current.promptTokens, completionTokens: current.counted)
        written(keepsAlive: !isBroken && current.generation.keepsAlive)
    }

    /// The client has gone.
    private func giveUp() {
        timer?.cancel()
        timer = nil
        pacer.remove(self)
        guard var current = answering.take() else { return }
        current.generation.abandon(now: NIODeadline.now().uptimeNanosecondsOfClock)
        count(&current)
        shared.end(
            id: current.requestID, outcome: .cancelled, promptTokens: current.promptTokens,
            completionTokens: current.counted)
    }

    private func refuse(_ refusal: MockRefusal, _ head: MockHead, isTriton: Bool) {
        var head = head
        if refusal.closes { head.keepsAlive = false }
        write(MockPage(refusal, isTriton: isTriton), head, lingers: refusal.closes)
    }

    private func write(_ page: MockPage, _ head: MockHead, lingers: Bool = false) {
        let buffer = page.bytes(head)
        context?.write(wrapOutboundOut(buffer), promise: nil)
        written(keepsAlive: head.keepsAlive, lingers: lingers)
    }

    /// All of an answer is on its way: ends the connection, or goes on with the next request.
    private func written(keepsAlive: Bool, lingers: Bool = false) {
        guard let context else { return }
        guard keepsAlive else {
            isClosing = true
            waiting.removeAll()
            let channel = context.channel
            guard !lingers else {
                context.flush()
                context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
                return
            }
            let done = context.eventLoop.makePromise(of: Void.self)
            done.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: done)
            return
        }
        context.flush()
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        while answering == nil, !isClosing, let part = waiting.popFirst() {
            waitingBytes -= part.waitingBytes
            take(part)
        }
    }
}

extension HTTPServerRequestPart {
    /// What it takes while it waits, roughly.
    fileprivate var waitingBytes: Int {
        if case .body(let bytes) = self { bytes.readableBytes + 64 } else { 512 }
    }
}

extension NIODeadline {
    /// The reading as a number, which is never negative.
    fileprivate var uptimeNanosecondsOfClock: UInt64 {
        UInt64(max(0, (self - .uptimeNanoseconds(0)).nanoseconds))
    }
}
