import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/v1/batch`: several decisions in one request, independent of each other.
struct BatchRoutes: Sendable {
    /// The most items of a batch.
    static let maximumItems = 1_000

    private enum Operation: String, CaseIterable {
        case consume
        case check
        case reserve
    }

    let routes: APIRoutes

    func add(to router: RouteCollector) {
        routes.add(.post, "/api/v1/batch", to: router, batch)
    }

    private func batch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        guard request.head.headerFields[.idempotencyKey] == nil else {
            throw Problem(
                .unprocessableContent,
                "each item of a batch has its own idempotency_key; leave out the header")
        }
        var body = try BodyReader(try await request.json())
        let operation = try body.required(
            try body.choice("operation", Operation.self), "operation")
        let values = try body.required(try body.array("items"), "items")
        try body.finish()
        guard (1...Self.maximumItems).contains(values.count) else {
            throw body.invalid("items", "must have 1 to \(Self.maximumItems) elements")
        }
        let items = values.enumerated()
            .map { index, value in
                Self.item(value, at: .root.member("items").element(index), operation, caller)
            }
        let answers = await routes.node.decide(items.compactMap { try? $0.get() })
        return answer(items, answers, operation)
    }

    private static func item(
        _ value: JSONValue,
        at pointer: JSONPointer,
        _ operation: Operation,
        _ caller: Caller
    ) -> Result<BatchItem, Problem> {
        do throws(Problem) {
            let body = try DecisionBody(
                value, reserves: operation == .reserve, at: pointer)
            let idempotency = body.idempotencyKey.map {
                IdempotencyRequest($0, value, operation: operation.rawValue)
            }
            return .success(
                BatchItem(
                    request: try body.question(caller),
                    idempotency: operation == .check ? nil : idempotency,
                    isCheck: operation == .check))
        } catch {
            return .failure(error)
        }
    }

    private func answer(
        _ items: [Result<BatchItem, Problem>],
        _ answers: [Result<DecisionAnswer, NodeError>],
        _ operation: Operation
    ) -> APIAnswer {
        var rest = answers.makeIterator()
        var admissions: [String: Int64] = [:]
        let answer = APIAnswer.json(capacity: 512 * items.count) { writer in
            writer.array("results") { writer in
                for (index, item) in items.enumerated() {
                    let pointer = JSONPointer.root.member("items").element(index)
                    switch item {
                    case .failure(let problem): problem.write(to: &writer)
                    case .success:
                        write(rest.next(), at: pointer, operation, &admissions, to: &writer)
                    }
                }
            }
        }
        for (plan, count) in admissions {
            routes.metrics.countAdmitted(count, plan: plan, operation: operation.rawValue)
        }
        return answer
    }

    /// Writes one result; admitted ones are counted in `admissions`, by plan.
    private func write(
        _ answer: Result<DecisionAnswer, NodeError>?,
        at pointer: JSONPointer,
        _ operation: Operation,
        _ admissions: inout [String: Int64],
        to writer: inout JSONWriter
    ) {
        switch answer ?? .failure(.notFound("answer")) {
        case .failure(let error): Problem(error).inside(pointer).write(to: &writer)
        case .success(.replayed(let stored)):
            writer.object { writer in
                writer.member("status", stored.status)
                writer.member("replayed", true)
                writer.members(of: stored.body)
            }
        case .success(.decided(let outcome, let stored)):
            let decision = outcome.decision
            if decision.isAllowed {
                admissions[decision.plan.text, default: 0] += 1
            } else {
                routes.metrics.count(decision, operation: operation.rawValue)
            }
            if let stored {
                writer.object { writer in
                    writer.member("status", stored.status)
                    writer.members(of: stored.body)
                }
            } else {
                APIAnswer.write(
                    outcome, isCheck: operation == .check, status: true, to: &writer)
            }
        }
    }
}

extension JSONWriter {
    /// Writes the members of an object that is encoded already.
    fileprivate mutating func members(of object: [UInt8]) {
        guard object.count > 2 else { return }
        raw(object.dropFirst().dropLast())
    }
}
