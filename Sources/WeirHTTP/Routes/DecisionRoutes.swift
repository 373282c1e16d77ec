import HTTPTypes
import Hummingbird
import NIOCore
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/v1`: decisions, reservations, usage.
struct DecisionRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.add(.post, "/api/v1/consume", to: router) { request throws(Problem) in
            try await decide(request, operation: "consume")
        }
        routes.add(.post, "/api/v1/reserve", to: router) { request throws(Problem) in
            try await decide(request, operation: "reserve")
        }
        routes.add(.post, "/api/v1/check", to: router, check)
        routes.add(.post, "/api/v1/allocations", to: router, allocate)
        routes.add(.get, "/api/v1/usage", to: router, usage)
        routes.add(.get, "/api/v1/reservations/:id", to: router, reservation)
        routes.add(.post, "/api/v1/reservations/:id/settle", to: router, settle)
        routes.add(.post, "/api/v1/reservations/:id/void", to: router, void)
    }

    private func decide(
        _ request: APIRequest,
        operation: String
    ) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let bytes = try await request.bytes()
        let (question, idempotency) = try question(bytes, request, caller, operation)
        let answer = try await routes.asking(for: request) { () async throws(NodeError) in
            try await node.decide(question, idempotency: idempotency)
        }
        return routes.answer(answer, operation: operation)
    }

    /// What a body asks for; the JSON as a tree is needed only for its fingerprint and its errors.
    private func question(
        _ bytes: ByteBuffer,
        _ request: APIRequest,
        _ caller: Caller,
        _ operation: String
    ) throws(Problem) -> (DecisionRequest, IdempotencyRequest?) {
        let reserves = operation == "reserve"
        if request.head.headerFields[.idempotencyKey] == nil,
            let body = DecisionBody(common: bytes, reserves: reserves)
        {
            return (try body.question(caller), nil)
        }
        let json = try APIRequest.json(bytes)
        let body = try DecisionBody(json, reserves: reserves)
        let question = try body.question(caller)
        let key = try request.idempotencyKey(body.idempotencyKey)
        return (question, key.map { IdempotencyRequest($0, json, operation: operation) })
    }

    private func check(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let question = try DecisionBody(try await request.bytes()).question(caller)
        let decision = try await routes.asking { () async throws(NodeError) in
            try await node.check(question)
        }
        routes.metrics.count(decision, operation: "check")
        return APIAnswer(check: decision)
    }

    private func allocate(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let json = try await request.json()
        let body = try AllocationBody(json)
        let question = try body.question(caller)
        let key = try request.idempotencyKey(body.idempotencyKey)
        let idempotency = key.map { IdempotencyRequest($0, json, operation: "allocate") }
        let answer = try await routes.asking(for: request) { () async throws(NodeError) in
            try await node.allocate(
                body.change, of: body.meter, question, idempotency: idempotency)
        }
        return routes.answer(answer, operation: "allocate")
    }

    // MARK: Reservations

    private func settle(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let id = try request.pathIdentifier("id", ReservationID.self)
        var body = try BodyReader(try await request.json())
        let charges = try DecisionBody.charges(&body, minimum: 0)
        let required = try body.required(charges, "charges")
        try body.finish()
        let reservation = try await routes.asking { () async throws(NodeError) in
            try await node.settle(id, charges: required, tenant: caller.tenant)
        }
        return .json { reservation.writeMembers(to: &$0) }
    }

    private func void(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let id = try request.pathIdentifier("id", ReservationID.self)
        let body = try BodyReader(try await request.json(emptyIsObject: true))
        try body.finish()
        let reservation = try await routes.asking { () async throws(NodeError) in
            try await node.void(id, tenant: caller.tenant)
        }
        return .json { reservation.writeMembers(to: &$0) }
    }

    private func reservation(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let id = try request.pathIdentifier("id", ReservationID.self)
        try request.query().finish()
        let reservation = try await routes.asking { () async throws(NodeError) in
            try await node.reservation(id, tenant: caller.tenant)
        }
        return .json { reservation.writeMembers(to: &$0) }
    }

    // MARK: Usage

    private func usage(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let about = try routes.subject(&query, of: caller)
        let usage = try await routes.asking { () async throws(NodeError) in
            try await node.usage(of: about.tenant, key: about.key)
        }
        return .json(capacity: 2048) { writer in
            writer.member("tenant", usage.tenant.id.text)
            writer.member("plan", usage.plan.text)
            writer.member("as_of", usage.asOf.truncatedToMilliseconds)
            writer.member("limits", usage.limits)
            writer.member("allocations", usage.allocations)
            writer.member("warnings", usage.warnings)
        }
    }
}
