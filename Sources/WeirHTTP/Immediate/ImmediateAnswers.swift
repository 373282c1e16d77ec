package import HTTPTypes
package import NIOCore
import PrometheusExposition
package import QuotaModel
import QuotaNode
import StrictJSON

/// Answers to requests for decisions that need nobody else, neither the ledger nor the disk: on the
/// thread of their connection.
///
/// Everything else is left to the routes, with whom it shares how a body is read, who may ask, how
/// is decided and what is written.
package struct ImmediateAnswers: Sendable {
    /// The largest body that is looked at here.
    package static let maximumBodyBytes = 65_536

    private enum Operation: String {
        case consume = "/api/v1/consume"
        case check = "/api/v1/check"
    }

    private let routes: APIRoutes
    private let consumed: APIMetrics.Recorder
    private let checked: APIMetrics.Recorder

    init(_ routes: APIRoutes) {
        self.routes = routes
        consumed = routes.metrics.recorder(method: .post, route: Operation.consume.rawValue)
        checked = routes.metrics.recorder(method: .post, route: Operation.check.rawValue)
    }

    /// Whether a request may be one of those: its head says all that its body does not.
    package static func mayAnswer(_ head: HTTPRequest) -> Bool {
        guard head.method == .post, let path = head.path, Operation(rawValue: path) != nil,
            let length = head.headerFields[.contentLength].flatMap({ Int($0) })
        else { return false }
        return length <= maximumBodyBytes && head.headerFields[.idempotencyKey] == nil
            && head.headerFields[.expect] == nil
    }

    /// The answer to a request; nil when it is for the routes, and then nothing has happened.
    ///
    /// - Parameters:
    ///   - head: one that ``mayAnswer(_:)``.
    ///   - body: the whole body.
    /// - Returns: the answer, and the instant that it is of.
    package func answer(
        _ head: HTTPRequest,
        _ body: ByteBuffer
    ) -> (head: HTTPResponse, body: ByteBuffer, at: Timestamp)? {
        let start = routes.metrics.clock()
        guard let path = head.path, let operation = Operation(rawValue: path),
            let caller = routes.authenticator.knownCaller(head),
            let body = DecisionBody(common: body, reserves: false),
            let request = try? body.question(caller),
            let decision = routes.node.immediateDecision(request, takes: operation == .consume)
        else { return nil }
        let answer = answer(decision, operation)
        let recorder = operation == .consume ? consumed : checked
        recorder.record(answer.head.status, nanoseconds: routes.metrics.clock() - start)
        return (answer.head, answer.body, decision.asOf)
    }

    private func answer(
        _ decision: ImmediateDecision,
        _ operation: Operation
    ) -> (head: HTTPResponse, body: ByteBuffer) {
        guard let form = routes.form(of: decision) else {
            return answerInFull(decision, operation)
        }
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        form.write(decision, to: &writer)
        writer.endObject()
        let fields = RateLimitFields(form.template, asOf: decision.asOf) {
            LimitNumbers(decision.figures($0))
        }
        var head = HTTPResponse(status: .ok)
        head.headerFields.reserveCapacity(8)
        head.headerFields.append(HTTPField(name: .contentType, value: "application/json"))
        if let policy = fields.policy {
            head.headerFields.append(HTTPField(name: .rateLimitPolicy, value: policy))
        }
        if let limit = fields.limit {
            head.headerFields.append(HTTPField(name: .rateLimit, value: limit))
        }
        (operation == .consume ? form.consumed : form.checked).increment()
        return (head, ByteBuffer(bytes: writer.bytes))
    }

    private func answerInFull(
        _ immediate: ImmediateDecision,
        _ operation: Operation
    ) -> (head: HTTPResponse, body: ByteBuffer) {
        let decision = routes.node.decision(immediate)
        let answer: APIAnswer
        switch operation {
        case .consume:
            routes.metrics.count(decision, operation: "consume")
            answer = APIAnswer(DecisionOutcome(decision))
        case .check:
            routes.metrics.count(decision, operation: "check")
            answer = APIAnswer(check: decision)
        }
        return (
            HTTPResponse(status: answer.status, headerFields: answer.headers),
            ByteBuffer(bytes: answer.body)
        )
    }
}
