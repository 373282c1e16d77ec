import NIOCore
import NIOHTTP1

/// A connection to a backend, with the exchange that uses it at the moment.
///
/// Lives on the event loop of its exchanges, so that nothing is handed from thread to thread.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// The backend that it leads to.
    let backend: Int
    /// When it was last used, for who closes idle ones.
    private(set) var idleSince: NIODeadline
    private var context: ChannelHandlerContext?
    private var user: (any UpstreamUser)?
    /// Whether the answer ends with the connection, or the backend wants no more requests.
    private var isLast = false
    private var isAnswered = true
    private var hasAnswerBegun = false
    private var requests = 0
    private var isPaused = false
    private var hasReadWaiting = false
    private var isClosed = false
    private var isFlushWaiting = false
    private let flushes: FlushQueue

    init(backend: Int, _ flushes: FlushQueue, now: NIODeadline) {
        self.backend = backend
        self.flushes = flushes
        idleSince = now
    }

    /// Whether another request may be sent.
    var isReusable: Bool { !isClosed && !isLast && isAnswered && context != nil }

    /// Sends a request; what comes of it is told to `user`.
    func send(_ head: HTTPRequestHead, _ body: ByteBuffer, for user: any UpstreamUser) {
        guard let context, !isClosed else { return user.received(.failed(.stale), from: self) }
        assert(self.user == nil && isAnswered, "a connection has one request at a time")
        self.user = user
        (isAnswered, hasAnswerBegun) = (false, false)
        requests += 1
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        if isFlushWaiting { return }
        isFlushWaiting = true
        flushes.add(self)
    }

    /// Reads nothing until ``resume()``: the caller is slow.
    func pause() { isPaused = true }

    /// Reads again.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        if hasReadWaiting {
            hasReadWaiting = false
            context?.read()
        }
    }

    /// The exchange is done with it, however far the answer has come.
    ///
    /// - Parameter now: the time.
    /// - Returns: whether another request may be sent; else it is closed.
    func release(now: NIODeadline) -> Bool {
        user = nil
        resume()
        idleSince = now
        if isReusable { return true }
        close()
        return false
    }

    /// Ends the connection; its user is told nothing any more.
    func close() {
        user = nil
        guard !isClosed else { return }
        isClosed = true
        context?.close(promise: nil)
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // An answer that nobody asked for: what follows would be taken for another's.
            guard !isAnswered else { return fail("an answer came without a request") }
            hasAnswerBegun = true
            if !head.isKeepAlive { isLast = true }
            user?.received(.head(head), from: self)
        case .body(let bytes): user?.received(.body(bytes), from: self)
        case .end:
            isAnswered = true
            user?.received(.end, from: self)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        user?.received(.readEnded, from: self)
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { hasReadWaiting = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A backend may close an idle connection just when it is used again.
        let isStale = requests > 1 && !hasAnswerBegun
        fail("the connection was closed", as: isStale ? .stale : nil)
        context.fireChannelInactive()
    }

    private func fail(_ why: String, as failure: UpstreamFailure? = nil) {
        let user = user
        let wasAnswered = isAnswered
        close()
        if !wasAnswered { user?.received(.failed(failure ?? .broken(why)), from: self) }
    }
}

extension UpstreamConnection: Flushing {
    func flushNow() {
        isFlushWaiting = false
        context?.flush()
    }
}

/// Who uses a connection to a backend.
protocol UpstreamUser: AnyObject {
    /// Something has come of the request.
    func received(_ event: UpstreamEvent, from connection: UpstreamConnection)
}
