import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode

/// Drives one request: asks the node, picks a backend, passes the answer on, and books its use.
///
/// Lives on the event loop of its caller's connection. It keeps itself alive through its loop until
/// its hold has ended, whether or not the caller is still there.
final class Exchange {
    /// How often less is asked for: a refusal names one limit, and others may leave even less.
    private static let mostShrinkings = 8

    let gateway: Gateway
    let loop: UpstreamLoop
    let request: ExchangeRequest
    var state: ExchangeState
    /// Nil once the caller has left.
    var caller: (any ExchangeCaller)?
    /// What is held for the attempt under way.
    var hold: ExchangeHold?
    /// The id by which the caller, the backend and the record call the request: the caller's own,
    /// or a UUID.
    let requestID: String
    /// The backend of the attempt under way, in its model's pool.
    var backend: BackendUse?
    var connection: UpstreamConnection?
    /// Backends that were tried.
    var tried = BackendSet()
    var deadline = NIODeadline.distantFuture
    var lastDeadline = NIODeadline.distantFuture
    let begunAt: NIODeadline

    /// How long ago it began, in nanoseconds.
    var age: Int64 { (loop.eventLoop.now - begunAt).nanoseconds }

    // What has come of the answer.
    var seen = Seen()
    var answerHead: HTTPResponseHead?
    var answerBody = ByteBuffer()
    var scanner: StreamScanner?
    /// What waits until more units are held.
    var heldBack: ByteBuffer?
    var isAnswerEndHeldBack = false
    var hasCallerHead = false
    var firstByteAt: NIODeadline?
    var lastFailure: UpstreamFailure?
    /// What was seen of the output when the last piece was passed on.
    var passed = Seen()
    /// Whether nothing more of the answer is read for now.
    var isPaused = false
    /// How often less was asked for than the answer may take, for the attempt under way.
    var shrinkings = 0
    /// Whether the backend has said itself that it failed, in its stream.
    var hasToldFailure = false
    /// What ended the attempt under way; nil where nothing went wrong.
    var attemptFailure: UpstreamFailure?
    /// The decision under which the request is kept to be explained; nil where it is not.
    var explainedDecision: String?
    /// Why no more units could be held.
    var refusedExtension: Decision?

    init(
        _ request: ExchangeRequest,
        _ gateway: Gateway,
        _ loop: UpstreamLoop,
        caller: any ExchangeCaller
    ) {
        self.gateway = gateway
        self.loop = loop
        self.request = request
        self.caller = caller
        state = ExchangeState(rules: gateway.rules)
        begunAt = loop.eventLoop.now
        requestID = request.id ?? UniqueID.text(gateway.random(), gateway.random())
    }

    // MARK: Admission

    /// Begins: asks for units.
    func begin() {
        // The server may be stopping already.
        lastDeadline = min(lastDeadline, begunAt + gateway.times.total)
        deadline = lastDeadline
        loop.begin(self)
        gateway.settlements.begin()
        admit()
    }

    func admit() { admit(gateway.estimate(request)) }

    func admit(_ estimate: TokenCounts) {
        let question = request.question(estimate, gateway)
        if let outcome = gateway.node.holdAtOnce(question.request) {
            return admitted(question, .success(outcome))
        }
        let (node, bound) = (gateway.node, NIOLoopBound(self, eventLoop: loop.eventLoop))
        let eventLoop = loop.eventLoop
        Task {
            let result: Result<DecisionOutcome, NodeError>
            do throws(NodeError) {
                switch try await node.decide(question.request) {
                case .decided(let outcome, _): result = .success(outcome)
                case .immediate, .replayed:
                    result = .failure(.conflict("a hold was answered like something else"))
                }
            } catch {
                result = .failure(error)
            }
            eventLoop.execute { bound.value.admitted(question, result) }
        }
    }

    func admitted(
        _ question: ExchangeQuestion,
        _ result: Result<DecisionOutcome, NodeError>
    ) {
        switch result {
        case .failure(let error): refuse(.node(error))
        case .success(let outcome):
            if !outcome.decision.isAllowed, shrinkings < Self.mostShrinkings,
                let smaller = request.smaller(
                    than: question.estimate, after: outcome.decision, gateway)
            {
                shrinkings += 1
                return admit(smaller)
            }
            gateway.metrics.count(outcome.decision)
            explain(outcome, question)
            guard let reservation = outcome.reservation else {
                return refuse(.decision(outcome.decision, tokens: gateway.tokensMeter))
            }
            hold = ExchangeHold(
                reservation: reservation, decision: outcome.decision, estimate: question.estimate)
            seen = Seen()
            deadline = lastDeadline
            let action = state.admitted()
            if action == .none { route() } else { act(action) }
        }
    }

    /// Answers without having held anything.
    func refuse(_ refusal: GatewayRefusal) {
        state.refused()
        answer(refusal)
        over()
    }

    // MARK: Routing

    func route() {
        let now = gateway.steadyClock()
        switch request.model.group(request.endpoint)
            .choose(excluding: tried, now: now, random: gateway.random())
        {
        case .failure(let none): failed(.noneFree(retryAfterSeconds: none.retryAfterSeconds))
        case .success(let use):
            backend = use
            tried.insert(use.ticket.index)
            if let idle = loop.idleConnection(to: use.place.target) { return send(over: idle) }
            connect(use)
        }
    }

    func connect(_ use: BackendUse) {
        loop.connect(to: use.place.target) { result in
            switch result {
            case .success(let connection):
                // The caller may have left meanwhile, and the hold be over.
                guard self.state.phase == .connecting, self.backend === use else {
                    return self.loop.release(connection)
                }
                self.send(over: connection)
            case .failure(let failure):
                guard self.backend === use else { return }
                self.failed(failure)
            }
        }
    }

    func send(over connection: UpstreamConnection) {
        guard let backend else { return connection.close() }
        self.connection = connection
        state.sent()
        seen.wasSent = true
        deadline = min(lastDeadline, loop.eventLoop.now + gateway.times.firstByte)
        let (head, body) = request.upstream(
            gateway.targets[backend.place.target], backend.place, id: requestID)
        connection.send(head, body, for: self)
    }

    // MARK: The end of a hold

    /// Does what the state has decided.
    func act(_ action: ExchangeState.Action) {
        switch action {
        case .none: break
        case .drain:
            caller = nil
            resume()
            deadline = min(lastDeadline, loop.eventLoop.now + gateway.times.drain)
        case .retry(let end):
            endAttempt(end, lastFailure)
            endHold(end) { exchange in
                exchange.backend = nil
                exchange.shrinkings = 0
                exchange.forgetAnswer()
                exchange.admit()
            }
        case .refuse(let end, let failure):
            endAttempt(end, failure)
            endHold(end) { exchange in
                exchange.answer(
                    .backend(failure, exchange.answerHead, exchange.answerBody))
                exchange.over()
            }
        case .finish(let end, let failure):
            endAttempt(end, failure)
            endHold(end) { exchange in
                exchange.finishAnswer(end, failure)
                exchange.over()
            }
        case .conclude(let end):
            endAttempt(end)
            endHold(end) { $0.over() }
        }
    }

    /// Gives the backend's connection and place back.
    func endAttempt(_ end: ExchangeState.HoldEnd, _ failure: UpstreamFailure? = nil) {
        attemptFailure = failure
        if let connection {
            self.connection = nil
            // Half an answer is on the way: closing tells the backend to stop.
            if connection.isReusable { loop.release(connection) } else { connection.close() }
        }
        guard let use = backend else { return }
        let outcome = BackendOutcome(end, failure)
        use.group.end(
            use.ticket, outcome, now: gateway.steadyClock(), random: gateway.random())
        gateway.metrics.count(
            model: request.model.name.text, backend: gateway.name(of: use.place),
            outcome: outcome.name)
    }

    /// Ends the hold in the node; goes on when it is safe.
    ///
    /// Nothing cancels it: the exchange may be over for the caller long before.
    func endHold(
        _ end: ExchangeState.HoldEnd,
        then: @escaping (Exchange) -> Void
    ) {
        guard let hold else { return then(self) }
        let conclusion = ExchangeConclusion(self, hold, end)
        self.hold = nil
        if conclusion.concludeAtOnce(gateway) {
            concluded(conclusion)
            return then(self)
        }
        let bound = NIOLoopBound((self, then), eventLoop: loop.eventLoop)
        let (gateway, eventLoop) = (gateway, loop.eventLoop)
        Task {
            await conclusion.conclude(gateway)
            eventLoop.execute {
                let (exchange, then) = bound.value
                exchange.concluded(conclusion)
                then(exchange)
            }
        }
    }

    /// The last conclusion, which says what the request cost.
    var conclusion: ExchangeConclusion?

    func concluded(_ conclusion: ExchangeConclusion) {
        self.conclusion = conclusion
        gateway.observe(conclusion, self)
        explain(conclusion)
    }

    func over() {
        if state.phase != .over { state.settled() }
        loop.end(self)
        gateway.settlements.end()
        caller?.answerEnded()
        caller = nil
    }

    // MARK: Deadlines and leaving

    func callerLeft() {
        caller = nil
        act(state.callerLeft())
    }

    /// The caller takes more, or no more.
    func callerWritabilityChanged() {
        guard let caller, connection != nil else { return }
        if caller.isWritable, heldBack == nil { resume() } else { pause() }
    }

    /// Reads nothing more of the answer for now; the backend has all the time that is left.
    func pause() {
        isPaused = true
        connection?.pause()
        deadline = lastDeadline
    }

    /// Reads again.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        connection?.resume()
        deadline = min(lastDeadline, loop.eventLoop.now + gateway.times.idle)
    }

    /// The server stops: what takes longer than this is cut.
    func stop(by time: NIODeadline) {
        lastDeadline = min(lastDeadline, time)
        deadline = min(deadline, lastDeadline)
    }

    func failed(_ failure: UpstreamFailure) {
        let now = gateway.steadyClock()
        lastFailure = failure
        if failure == .stale, let backend, state.reconnects() {
            // The others that lie idle are as old; the backend may be well all the same.
            loop.closeIdle(to: backend.place.target)
            connection = nil
            seen.wasSent = false
            deadline = lastDeadline
            return connect(backend)
        }
        let action = state.failed(failure) {
            caller != nil
                && request.model.group(request.endpoint)
                    .hasOther(than: tried, now: now, random: gateway.random())
                && gateway.mayRetry(now: now)
        }
        act(action)
    }
}

extension Exchange: DeadlineKeeper {
    func deadlinePassed(now: NIODeadline) {
        // It takes its time to be settled.
        deadline = .distantFuture
        // Only the end of the connection's answer is missing.
        if scanner?.isDone == true, heldBack == nil { return streamEnded() }
        let isLate = now >= lastDeadline && answerHead != nil
        act(state.timedOut(isLate ? .outOfTime : .timedOut))
    }
}
