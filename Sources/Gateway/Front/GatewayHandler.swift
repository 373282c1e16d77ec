import LLMWire
package import NIOCore
package import NIOHTTP1
import QuotaModel
import QuotaNode
import StrictJSON
import WeirHTTP

/// Takes the gateway's requests out of a connection, and drives one exchange after the other.
///
/// Stands behind the listener's own handler, whose deadlines hold for it, and before the routes.
/// Answers stay in order: what comes behind a request of the gateway waits until it is answered,
/// and a request of the gateway waits until the routes have answered those before it.
package final class GatewayHandler: ChannelDuplexHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// How much of later requests is kept while one is under way; then nothing more is read.
    private static let maximumWaitingBytes = 64 * 1_024

    private enum Reading {
        /// The next part is a head.
        case nothing
        /// A request to the gateway.
        case gathering(Gathering)
        /// A request that goes on to the routes.
        case passing
    }

    private let gateway: Gateway
    private var context: ChannelHandlerContext?
    private var reading = Reading.nothing
    /// A request of the gateway is being answered.
    private var isBusy = false
    private var exchange: Exchange?
    /// Requests that went on to the routes and are not answered.
    private var owed = 0
    /// What came behind a request that is being answered.
    private var waiting: [HTTPServerRequestPart] = []
    private var waitingBytes = 0
    private var hasReadWaiting = false
    private var isStopping = false
    /// Whether the answer under way is to a request for its head alone.
    private var isHeadOnly = false
    private var date = HTTPDate()
    private var loop: UpstreamLoop?
    private var isFlushWaiting = false

    /// Creates the handler of one connection.
    package init(_ gateway: Gateway) {
        self.gateway = gateway
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop = gateway.loop(context.eventLoop)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    // MARK: What comes in

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if mustWait(part) { wait(part) } else { take(part, context) }
    }

    /// Whether a part comes behind something that is not answered yet.
    private func mustWait(_ part: HTTPServerRequestPart) -> Bool {
        if !waiting.isEmpty { return true }
        guard case .head(let head) = part else { return false }
        if isBusy { return true }
        return owed > 0 && GatewayRoute.of(head) != nil
    }

    private func wait(_ part: HTTPServerRequestPart) {
        waiting.append(part)
        // A head counts, too: of empty requests there could be any number.
        waitingBytes += 512
        if case .body(let bytes) = part { waitingBytes += bytes.readableBytes }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, reading) {
        case (.head(let head), _):
            guard let route = GatewayRoute.of(head) else {
                reading = .passing
                owed += 1
                return context.fireChannelRead(wrapInboundOut(part))
            }
            isHeadOnly = head.method == .HEAD
            var gathering = Gathering(
                head, route, maximumBytes: gateway.configuration.maximumBodyBytes)
            if let problem = gathering.problem() {
                reading = .gathering(gathering)
                return answer(.problem(problem), head)
            }
            // Who may not ask need not send a body.
            gathering.caller = caller(head, context)
            reading = .gathering(gathering)
        case (.body(let bytes), .gathering(var gathering)):
            // The body must not be shared with the copy that is changed.
            reading = .nothing
            let problem = gathering.receive(bytes)
            let head = gathering.head
            reading = .gathering(gathering)
            if let problem { answer(.problem(problem), head) }
        case (.end, .gathering(let gathering)):
            reading = .nothing
            if !gathering.isAnswered { begin(gathering) }
        case (.end, .passing):
            reading = .nothing
            context.fireChannelRead(wrapInboundOut(part))
        case (.body, .passing): context.fireChannelRead(wrapInboundOut(part))
        case (.body, .nothing), (.end, .nothing): break
        }
    }

    /// Goes on with what has waited.
    private func goOn() {
        guard let context, !isBusy, !waiting.isEmpty else { return }
        let parts = waiting
        (waiting, waitingBytes) = ([], 0)
        for (index, part) in parts.enumerated() {
            if mustWait(part) || !waiting.isEmpty {
                for part in parts[index...] { wait(part) }
                break
            }
            take(part, context)
        }
        context.fireChannelReadComplete()
        if hasReadWaiting, waitingBytes < Self.maximumWaitingBytes {
            hasReadWaiting = false
            context.read()
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
    }

    package func read(context: ChannelHandlerContext) {
        if waitingBytes >= Self.maximumWaitingBytes {
            hasReadWaiting = true
        } else {
            context.read()
        }
    }

    // MARK: What goes out

    package func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        // Only the routes' answers come this way, and only the last head of each counts.
        if case .end = unwrapOutboundIn(data) { owed = max(0, owed - 1) }
        context.write(data, promise: promise)
        if owed == 0, !waiting.isEmpty, !isBusy {
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.goOn() }
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        exchange?.callerWritabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Leaving and stopping

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, isBusy {
            // Who stops the server knows nothing of this request.
            isStopping = true
            exchange?.stop(by: context.eventLoop.now + gateway.times.stop)
            return
        }
        if case .some(.inputClosed) = event as? ChannelEvent, isBusy {
            leave()
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        let exchange = exchange
        self.exchange = nil
        (isBusy, reading) = (false, .nothing)
        (waiting, waitingBytes) = ([], 0)
        exchange?.callerLeft()
    }

    // MARK: Answering

    /// Answers a request without a backend.
    private func answer(_ refusal: GatewayRefusal, _ head: HTTPRequestHead) {
        var answer = GatewayAnswer(refusal)
        if let id = head.requestID { answer.fields.append(("X-Request-Id", id)) }
        answer.write(to: self, version: head.version)
    }

    /// Finds out who asks.
    private func caller(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> GatewayCaller
    {
        let credential = TenantKeys.credential(
            authorization: head.headers.first(name: "authorization"),
            apiKey: head.headers.first(name: "x-api-key"))
        let caller = GatewayCaller()
        if let key = gateway.keys.known(credential) {
            caller.result = .success(key)
            return caller
        }
        let address = context.channel.remoteAddress?.ipAddress ?? ""
        let (keys, eventLoop) = (gateway.keys, context.eventLoop)
        let bound = NIOLoopBound((self, caller), eventLoop: eventLoop)
        Task {
            let result: Result<APIKey, Problem>
            do throws(Problem) {
                result = .success(try await keys.key(credential, address: address))
            } catch {
                result = .failure(error)
            }
            eventLoop.execute {
                let (handler, caller) = bound.value
                handler.found(result, caller)
            }
        }
        return caller
    }

    /// It is known who asks: by now the request may be whole, or still on its way.
    private func found(_ result: Result<APIKey, Problem>, _ caller: GatewayCaller) {
        caller.result = result
        if let gathering = caller.waiting {
            caller.waiting = nil
            return authenticated(gathering, result)
        }
        guard case .failure(let problem) = result, case .gathering(var gathering) = reading,
            gathering.caller === caller, !gathering.isAnswered
        else { return }
        reading = .nothing
        gathering.end()
        reading = .gathering(gathering)
        answer(.problem(GatewayProblem(problem)), gathering.head)
    }

    private func begin(_ gathering: Gathering) {
        isBusy = true
        guard let result = gathering.caller?.result else {
            gathering.caller?.waiting = gathering
            return
        }
        authenticated(gathering, result)
    }

    private func authenticated(_ gathering: Gathering, _ result: Result<APIKey, Problem>) {
        // The caller may have left meanwhile.
        guard let context, isBusy, context.channel.isActive else { return }
        switch result {
        case .failure(let problem): finish(.problem(GatewayProblem(problem)), gathering.head)
        case .success(let key):
            do throws(GatewayProblem) {
                try serve(gathering, key, context)
            } catch {
                finish(.problem(error), gathering.head)
            }
        }
    }

    private func serve(
        _ gathering: Gathering,
        _ key: APIKey,
        _ context: ChannelHandlerContext
    ) throws(GatewayProblem) {
        switch gathering.route {
        case .models: list(gathering.head)
        case .model(let name):
            guard let model = gateway.models[name] else { throw .unknownModel(name) }
            show(gathering.head) { model.write(to: &$0) }
        case .inference(let endpoint, let named):
            let request = try gateway.request(gathering, endpoint, model: named, key)
            guard let loop else { return }
            gateway.countRequest(now: gateway.steadyClock())
            let exchange = Exchange(request, gateway, loop, caller: self)
            self.exchange = exchange
            if isStopping { exchange.stop(by: context.eventLoop.now + gateway.times.stop) }
            exchange.begin()
        case .wrongMethod, .unknown: break
        }
    }

    private func list(_ head: HTTPRequestHead) {
        show(head) { writer in
            writer.member("object", "list")
            writer.array("data") { writer in
                for model in gateway.models.values.sorted(by: { $0.name < $1.name }) {
                    writer.object { model.write(to: &$0) }
                }
            }
        }
    }

    private func show(_ head: HTTPRequestHead, _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object { write(&$0) }
        var answer = GatewayAnswer(
            status: 200, fields: [("Content-Type", "application/json")],
            body: ByteBuffer(bytes: writer.bytes))
        if let id = head.requestID { answer.fields.append(("X-Request-Id", id)) }
        answer.write(to: self, version: head.version)
        answerEnded()
    }

    private func finish(_ refusal: GatewayRefusal, _ head: HTTPRequestHead) {
        answer(refusal, head)
        answerEnded()
    }
}

/// Who asks, as far as that is known.
///
/// Lives on the event loop of its connection.
final class GatewayCaller {
    /// The key; nil while it is looked for.
    var result: Result<APIKey, Problem>?
    /// The whole request, which waits for it.
    var waiting: Gathering?
}

extension GatewayHandler: ExchangeCaller, Flushing {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func writeAnswer(_ part: HTTPServerResponsePart) {
        var part = part
        switch part {
        case .head(var head):
            head.headers.add(name: "Date", value: date.text(gateway.node.now))
            head.headers.add(name: "Server", value: "weir")
            part = .head(head)
        case .body: if isHeadOnly { return }
        case .end: break
        }
        context?.write(wrapOutboundOut(part), promise: nil)
    }

    func flushAnswer() {
        if isFlushWaiting { return }
        isFlushWaiting = true
        loop?.flushes.add(self)
    }

    func flushNow() {
        isFlushWaiting = false
        context?.flush()
    }

    func answerEnded() {
        exchange = nil
        guard isBusy else { return }
        isBusy = false
        guard let context else { return }
        if isStopping {
            isStopping = false
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        guard !waiting.isEmpty else { return }
        // Not here: of a thousand requests that wait each would be deeper in the stack.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.goOn() }
    }
}

extension GatewayModel {
    /// Writes what `/v1/models` says of it.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("id", name.text)
        writer.member("object", "model")
        writer.member("created", Int64(0))
        writer.member("owned_by", "weir")
    }
}

extension HTTPRequestHead {
    /// The longest id of a request that is passed on, in bytes.
    private static let maximumIDBytes = 128

    /// The caller's id of the request; nil when there is none, or none that can be passed on.
    var requestID: String? {
        let ids = headers["x-request-id"]
        guard ids.count == 1, 1...Self.maximumIDBytes ~= ids[0].utf8.count,
            ids[0].utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        return ids[0]
    }
}
