import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode

// MARK: What comes of the request

extension Exchange: UpstreamUser {
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
        guard state.phase == .waiting else { return }
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
        state.answerBegun(isStream: isStream)
        guard isStream else { return }
        scanner = StreamScanner(
            endpoint: request.endpoint, stripsUsage: !request.scan.wantsUsage)
        if let hold {
            hasCallerHead = true
            caller?.writeAnswer(.head(streamHead(head, hold.decision)))
        }
    }

    func received(_ bytes: ByteBuffer) {
        switch state.phase {
        case .waiting, .collecting: collect(bytes)
        case .relaying, .draining: relay(bytes)
        case .admitting, .connecting, .settling, .over: break
        }
    }

    func collect(_ bytes: ByteBuffer) {
        var bytes = bytes
        deadline = min(lastDeadline, loop.eventLoop.now + gateway.times.idle)
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
            let now = loop.eventLoop.now
            deadline = min(lastDeadline, now + gateway.times.idle)
            if hasOverrun {
                return failed(.garbage("the backend sent more than was asked for"))
            }
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

    /// Whether far more has come than the caller asked for, or may ask for: a token may come as two
    /// pieces of text, hardly ever as more.
    private var hasOverrun: Bool {
        seen.countedOutput / 2 > request.highestOutput + ExchangeHold.leastGrowth
    }

    func noteScanned() {
        guard let scanner else { return }
        seen.countedOutput = scanner.tokens
        if let usage = scanner.usage { seen.usage = usage }
    }

    func pass(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0, let caller else { return }
        passedOutput = seen.countedOutput
        caller.writeAnswer(.body(.byteBuffer(bytes)))
        if !caller.isWritable { connection?.pause() }
    }

    func streamFailed(_ failure: StreamFailure) {
        switch failure {
        case .backendError(let message):
            // The caller has got it as it came.
            hasToldFailure = true
            failed(.broken(message))
        case .garbage: failed(.garbage("the backend's stream is not what it has to be"))
        case .tooLong: failed(.garbage("an event of the backend's stream is too long"))
        }
    }

    func answerEnded() {
        switch state.phase {
        case .waiting:
            // The whole text of an error.
            let status = Int(answerHead?.status.code ?? 502)
            failed(.status(status, retryAfterSeconds: nil))
        case .collecting: collected()
        case .relaying, .draining:
            guard heldBack == nil else {
                isAnswerEndHeldBack = true
                return
            }
            streamEnded()
        case .admitting, .connecting, .settling, .over: break
        }
    }

    func collected() {
        let scan = ResponseScan.scan(answerBody, endpoint: request.endpoint)
        guard scan.isJSON else {
            return failed(.garbage("the backend's answer is not JSON"))
        }
        if scan.isError { return failed(.broken(scan.errorMessage ?? "the backend failed")) }
        seen.usage = scan.usage
        seen.countedOutput = scan.outputTokens
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
    }
}
