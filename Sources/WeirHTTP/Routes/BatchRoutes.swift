import HTTPTypes
import Hummingbird
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/v1/batch`: several decisions in one request, independent of each other.
struct BatchRoutes: Sendable {
    let routes: APIRoutes

    func add(to router: RouteCollector) {
        routes.add(.post, "/api/v1/batch", to: router, batch)
    }

    private func batch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        guard request.head.headerFields[.idempotencyKey] == nil else {
            throw .invalidHeader(
                .idempotencyKey,
                "must be left out: each item of a batch has its own idempotency_key")
        }
        let body = try BatchBody(try await request.bytes(), caller)
        return await answer(body)
    }

    private func answer(_ body: BatchBody) async -> APIAnswer {
        var results = BatchResults(body)
        let others: [Result<DecisionAnswer, NodeError>]
        do throws(NodeError) {
            others = try await routes.node
                .decide(body.items) { index, decision in
                    results.add(index, decision, routes)
                }
                .map(\.answer)
        } catch {
            // Nobody learns of a decision that the disk may not have.
            results = BatchResults(body)
            others = body.items.map { _ in .failure(error) }
        }
        var rest = others.makeIterator()
        var admissions: [PlanID: Int64] = [:]
        let written = results.end { place, writer in
            write(rest.next(), at: place, body.operation, &admissions, to: &writer)
        }
        for (plan, count) in admissions {
            routes.metrics.countAdmitted(
                count, plan: plan.text, operation: body.operation.rawValue)
        }
        return APIAnswer(.ok, headers: [.contentType: "application/json"], body: written)
    }

    /// Writes one result; admitted ones are counted in `admissions`, by plan.
    private func write(
        _ answer: Result<DecisionAnswer, NodeError>?,
        at place: Int,
        _ operation: BatchBody.Operation,
        _ admissions: inout [PlanID: Int64],
        to writer: inout JSONWriter
    ) {
        switch answer ?? .failure(.notFound("answer")) {
        case .failure(let error):
            Problem(error).inside(BatchBody.pointer(place)).write(to: &writer)
        case .success(.replayed(let stored)):
            writer.object { writer in
                writer.member("status", stored.status)
                writer.member("replayed", true)
                writer.members(of: stored.body)
            }
        case .success(.immediate(let decision)):
            var instants = WrittenInstant()
            routes.write(decision, operation, &instants, to: &writer)?.increment()
        case .success(.decided(let outcome, let stored)):
            let decision = outcome.decision
            if operation != .check { routes.explanations.add(outcome) }
            if decision.isAllowed {
                admissions[decision.plan, default: 0] += 1
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
