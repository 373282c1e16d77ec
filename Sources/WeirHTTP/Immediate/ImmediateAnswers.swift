import HTTPTypes
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

    /// Whether requests to a path may be answered here.
    package static func knows(_ path: String) -> Bool { Operation(rawValue: path) != nil }

    /// The answer to a request; nil when it is for the routes, and then nothing has happened.
    ///
    /// - Parameters:
    ///   - path: one that it ``knows(_:)``.
    ///   - authorization: the field of that name.
    ///   - body: the whole body, at most ``maximumBodyBytes`` bytes.
    /// - Returns: the answer.
    package func answer(
        _ path: String,
        authorization: String?,
        _ body: ByteBuffer
    ) -> ImmediateAnswer? {
        let start = routes.metrics.clock()
        guard let operation = Operation(rawValue: path),
            let caller = routes.authenticator.knownCaller(authorization),
            let body = DecisionBody(common: body, reserves: false),
            let request = body.laneRequest(caller),
            let decision = routes.node.immediateDecision(request, takes: operation == .consume)
        else { return nil }
        let answer = answer(decision, operation)
        let recorder = operation == .consume ? consumed : checked
        recorder.record(
            HTTPResponse.Status(code: answer.status),
            nanoseconds: routes.metrics.clock() - start)
        return answer
    }

    private func answer(
        _ decision: ImmediateDecision,
        _ operation: Operation
    ) -> ImmediateAnswer {
        guard let form = routes.form(of: decision) else {
            return answerInFull(decision, operation)
        }
        let room = form.maximumBytes(decision) + 2
        var (instants, writer) = (WrittenInstant(), JSONWriter(capacity: room))
        writer.raw(upTo: room) { cursor in
            cursor.put(UInt8(ascii: "{"))
            form.put(decision, &instants, to: &cursor)
            cursor.put(UInt8(ascii: "}"))
        }
        let fields = RateLimitFields(form.template, asOf: decision.asOf) {
            decision.limitFigures[$0]
        }
        var answer = ImmediateAnswer(
            status: 200, body: ByteBuffer(bytes: writer.bytes), asOf: decision.asOf)
        answer.fields.reserveCapacity(6)
        answer.fields.append(("Content-Type", "application/json"))
        if let policy = fields.policy { answer.fields.append(("RateLimit-Policy", policy)) }
        if let limit = fields.limit { answer.fields.append(("RateLimit", limit)) }
        (operation == .consume ? form.consumed : form.checked).increment()
        return answer
    }

    private func answerInFull(
        _ immediate: ImmediateDecision,
        _ operation: Operation
    ) -> ImmediateAnswer {
        let decision = routes.node.decision(immediate)
        let answer: APIAnswer
        switch operation {
        case .consume:
            routes.metrics.count(decision, operation: "consume")
            routes.explanations.add(DecisionOutcome(decision))
            answer = APIAnswer(DecisionOutcome(decision))
        case .check:
            routes.metrics.count(decision, operation: "check")
            answer = APIAnswer(check: decision)
        }
        return ImmediateAnswer(
            status: answer.status.code, body: ByteBuffer(bytes: answer.body),
            asOf: decision.asOf,
            fields: answer.headers.map { ($0.name.rawName, $0.value) })
    }
}

/// An answer before it becomes a response.
package struct ImmediateAnswer: Sendable {
    /// The status code.
    package let status: Int
    /// The body, JSON.
    package let body: ByteBuffer
    /// The instant that it is of.
    package let asOf: Timestamp
    /// The fields, but for those of every answer.
    package fileprivate(set) var fields: [(name: String, value: String)] = []
}
