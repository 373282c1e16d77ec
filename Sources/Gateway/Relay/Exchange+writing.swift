import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import WeirHTTP

// What the caller gets.
extension Exchange {
    /// Answers with an error.
    func answer(_ refusal: GatewayRefusal) {
        guard let caller else { return }
        var answer = GatewayAnswer(refusal)
        answer.fields.append(("X-Request-Id", requestID))
        if case .backend = refusal, let id = conclusion?.decision.id {
            answer.fields.append(("X-Weir-Decision-Id", id))
        }
        answer.write(to: caller, version: request.head.version)
    }

    /// Ends an answer: a whole one is written now, one that was passed on has its end.
    func finishAnswer(_ end: ExchangeState.HoldEnd, _ failure: UpstreamFailure?) {
        guard let caller else { return }
        if hasCallerHead { endStream(caller, end, failure) } else { writeWhole(caller) }
        caller.flushAnswer()
    }

    private func writeWhole(_ caller: any ExchangeCaller) {
        guard let conclusion, let answerHead else { return }
        var headers = answerFields(conclusion.decision)
        headers.add(
            name: "Content-Type",
            value: answerHead.headers.first(name: "content-type") ?? "application/json")
        headers.add(name: "Content-Length", value: String(answerBody.readableBytes))
        for (name, value) in costFields(conclusion) { headers.add(name: name, value: value) }
        caller.writeAnswer(
            .head(
                HTTPResponseHead(
                    version: request.head.version, status: answerHead.status, headers: headers)))
        caller.writeAnswer(.body(.byteBuffer(answerBody)))
        caller.writeAnswer(.end(nil))
    }

    /// Fields of every answer to an admitted request.
    private func answerFields(_ decision: Decision) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(16)
        headers.add(name: "X-Request-Id", value: requestID)
        headers.add(name: "X-Weir-Decision-Id", value: decision.id)
        OpenAIRateFields(
            decision, requests: gateway.requestsMeter, tokens: gateway.tokensMeter
        )
        .add(to: &headers)
        return headers
    }

    private func costFields(_ conclusion: ExchangeConclusion) -> [(String, String)] {
        guard let currency = request.model.currency else { return [] }
        return [("X-Weir-Cost", "\(Money.text(nano: conclusion.cost)) \(currency)")]
    }

    /// The head of a stream that is passed on.
    func streamHead(_ head: HTTPResponseHead, _ decision: Decision) -> HTTPResponseHead {
        var headers = answerFields(decision)
        headers.add(
            name: "Content-Type",
            value: head.headers.first(name: "content-type") ?? "text/event-stream")
        headers.add(name: "Cache-Control", value: "no-cache")
        // A proxy in front must not wait for the stream's end.
        headers.add(name: "X-Accel-Buffering", value: "no")
        if request.head.version != .http1_0, request.model.currency != nil {
            headers.add(name: "Trailer", value: "X-Weir-Cost")
        }
        return HTTPResponseHead(
            version: request.head.version, status: head.status, headers: headers)
    }

    private func endStream(
        _ caller: any ExchangeCaller,
        _ end: ExchangeState.HoldEnd,
        _ failure: UpstreamFailure?
    ) {
        if let text = streamError(end, failure) {
            var event = ByteBuffer()
            event.writeString("data: ")
            event.writeImmutableBuffer(text)
            event.writeString("\n\n")
            caller.writeAnswer(.body(.byteBuffer(event)))
        }
        let fields = conclusion.map(costFields) ?? []
        let hasTrailers = !fields.isEmpty && request.head.version != .http1_0
        caller.writeAnswer(.end(hasTrailers ? HTTPHeaders(fields) : nil))
    }

    /// What an answer that can't go on says as its last word; nil for one that is whole, or has
    /// said it itself.
    private func streamError(
        _ end: ExchangeState.HoldEnd,
        _ failure: UpstreamFailure?
    ) -> ByteBuffer? {
        if end == .settle(.exhausted) {
            guard let refusedExtension else { return nil }
            return GatewayAnswer(.decision(refusedExtension, tokens: gateway.tokensMeter)).body
        }
        guard var failure, !hasToldFailure else { return nil }
        if case .broken = failure { failure = .garbage("the backend's answer broke off") }
        return GatewayAnswer(.backend(failure, nil, ByteBuffer())).body
    }
}

extension HTTPResponseHead {
    /// After how many seconds the backend wants to be asked again; nil where it does not say so in
    /// seconds.
    var retryAfterSeconds: Int64? {
        guard let text = headers.first(name: "retry-after"), !text.isEmpty,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(text) ?? .max
    }
}

extension GatewayAnswer {
    /// Writes the answer.
    func write(to caller: any ExchangeCaller, version: HTTPVersion) {
        var headers = HTTPHeaders(fields)
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        caller.writeAnswer(
            .head(
                HTTPResponseHead(
                    version: version, status: HTTPResponseStatus(statusCode: status),
                    headers: headers)))
        caller.writeAnswer(.body(.byteBuffer(body)))
        caller.writeAnswer(.end(nil))
        caller.flushAnswer()
    }
}
