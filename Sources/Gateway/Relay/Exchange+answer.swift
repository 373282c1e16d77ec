import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode

// MARK: What comes of the request

extension Exchange: UpstreamUser {
    /// How long a connection's answer may go on after the stream in it has ended.
    private static let endTime = TimeAmount.seconds(1)

    func received(_ event: UpstreamEvent, from connection: UpstreamConnection) {
        guard connection === self.connection else { return }
        switch event {
        case .head(let head): received(head)
        case .body(let bytes): received(bytes)
        case .readEnded: if state.phase == .relaying { caller?.flushAnswer() }
        case .end: answerEnded()
        case .failed(let failure): failed(failure)
        }
    }

    func received(_ head: HTTPResponseHead) {
        guard state.phase == .waiting || state.phase == .draining else { return }
        answerHead = head
        firstByteAt = loop.eventLoop.now
        let status = Int(head.status.code)
        if status >= 400 {
            // What is wrong with the request only its text says: it is kept, and passed on.
            if UpstreamFailure.status(status, retryAfterSeconds: nil).isRetried {
                failed(.status(status, retryAfterSeconds: head.retryAfterSeconds))
            }
            return
        }
        guard 200..<300 ~= status else {
            return failed(.garbage("the backend answered with status \(status)"))
        }
        let isStream =
            head.headers.first(name: "content-type")?.lowercased()
            .hasPrefix("text/event-stream") == true
        if let backend, backend.ticket.isTrial { backend.group.answered(backend.ticket) }
        if state.phase == .waiting { state.answerBegun(isStream: isStream) }
        guard isStream else { return }
        scanner = StreamScanner(
            endpoint: request.endpoint, stripsUsage: !request.scan.wantsUsage)
        if let hold, caller != nil {
            hasCallerHead = true
            caller?.writeAnswer(.head(streamHead(head, hold.decision)))
        }
    }

    func received(_ bytes: ByteBuffer) {
        switch state.phase {
        case .waiting, .collecting: collect(bytes)
        case .relaying: relay(bytes)
        case .draining: if scanner == nil { collect(bytes) } else { relay(bytes) }
        case .admitting, .connecting, .settling, .over: break
        }
    }

    func collect(_ bytes: ByteBuffer) {
        var bytes = bytes
        if state.phase != .draining {
            deadline = min(lastDeadline, loop.eventLoop.now + gateway.times.idle)
        }
        guard answerBody.readableBytes + bytes.readableBytes <= Gateway.maximumAnswerBytes else {
            return failed(.garbage("the backend's answer is too large"))
        }
        if answerBody.readableBytes == 0 {
            answerBody = bytes
        } else {
            answerBody.writeBuffer(&bytes)
        }
    }

    func relay(_ bytes: ByteBuffer) {
        guard scanner != nil else { return }
        let passed = scanner?.receive(bytes) ?? ByteBuffer()
        noteScanned()
        if state.phase == .relaying {
            if !isPaused {
                deadline = min(lastDeadline, loop.eventLoop.now + wait)
            }
            if hasOverrun { return failed(.overrun) }
            if heldBack != nil {
                // What waits is passed on first.
                var passed = passed
                heldBack?.writeBuffer(&passed)
                return
            }
            if let missing = missingTokens { return extend(by: missing, holdingBack: passed) }
            pass(passed)
        }
        if let failure = scanner?.failure, heldBack == nil { streamFailed(failure) }
    }

    /// How long is waited for the next piece, or for the end of the connection's answer once the
    /// stream has told of its own.
    private var wait: TimeAmount {
        scanner?.isDone == true ? Self.endTime : gateway.times.idle
    }

    /// Whether far more has come than the caller asked for, or may ask for: a token may come as two
    /// pieces of text, hardly ever as more.
    private var hasOverrun: Bool {
        seen.countedOutput / 2 > request.highestOutput + ExchangeHold.leastGrowth
    }

    func noteScanned() {
        guard let scanner else { return }
        seen.countedOutput = max(0, scanner.tokens - request.scan.echoedTokens)
        seen.leastOutput = max(0, scanner.leastTokens - request.scan.echoedTokens)
        if let usage = scanner.usage { seen.usage = usage }
    }

    func pass(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0, let caller else { return }
        passed = seen
        caller.writeAnswer(.body(.byteBuffer(bytes)))
        if !caller.isWritable { pause() }
    }

    func streamFailed(_ failure: StreamFailure) {
        switch failure {
        case .backendError(let message):
            // The caller has got it as it came.
            hasToldFailure = true
            failed(.reported(message))
        case .garbage: failed(.garbage("the backend's stream is not what it has to be"))
        case .tooLong: failed(.garbage("an event of the backend's stream is too long"))
        }
    }

    func answerEnded() {
        switch state.phase {
        case .waiting: refusalEnded(answerHead)
        case .collecting: collected()
        case .draining where scanner == nil:
            if let answerHead, answerHead.status.code < 400 {
                collected()
            } else {
                refusalEnded(answerHead)
            }
        case .relaying, .draining:
            guard heldBack == nil else {
                isAnswerEndHeldBack = true
                return
            }
            streamEnded()
        case .admitting, .connecting, .settling, .over: break
        }
    }

    /// The whole text of an error has come.
    private func refusalEnded(_ head: HTTPResponseHead?) {
        failed(.status(Int(head?.status.code ?? 502), retryAfterSeconds: nil))
    }

    func collected() {
        let scan = ResponseScan.scan(answerBody, endpoint: request.endpoint)
        guard scan.isJSON else {
            return failed(.garbage("the backend's answer is not JSON"))
        }
        seen.usage = scan.usage
        if let message = scan.errorMessage { return failed(.reported(message)) }
        seen.countedOutput = max(0, scan.outputTokens - request.scan.echoedTokens)
        seen.leastOutput = max(0, scan.leastOutputTokens - request.scan.echoedTokens)
        act(state.answerEnded())
    }

    func streamEnded() {
        if let rest = scanner?.finish() {
            noteScanned()
            if state.phase == .relaying { pass(rest) }
        }
        if let failure = scanner?.failure { return streamFailed(failure) }
        let isWhole = scanner.map { $0.isDone || $0.hasFinish || request.endpoint.isTriton } ?? true
        if isWhole {
            act(state.answerEnded())
        } else {
            failed(.broken("the backend's stream ended before its end"))
        }
    }
}

extension Exchange {
    /// Nothing has come of the next attempt yet.
    func forgetAnswer() {
        answerHead = nil
        answerBody = ByteBuffer()
        scanner = nil
        firstByteAt = nil
        isPaused = false
        passed = Seen()
    }
}
