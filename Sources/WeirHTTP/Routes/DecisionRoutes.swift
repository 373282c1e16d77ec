import Crypto
import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/v1`: decisions, reservations, usage.
struct DecisionRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: Router<BasicRequestContext>) {
        routes.add(.post, "/api/v1/consume", to: router) { request throws(Problem) in
            try await decide(request, operation: "consume")
        }
        routes.add(.post, "/api/v1/reserve", to: router) { request throws(Problem) in
            try await decide(request, operation: "reserve")
        }
        routes.add(.post, "/api/v1/check", to: router, check)
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
        let json = try await request.json()
        let body = try DecisionBody(json, reserves: operation == "reserve")
        let question = try question(body, caller)
        var idempotency: IdempotencyRequest?
        if let key = try idempotencyKey(request, body) {
            idempotency = IdempotencyRequest(
                key: ExactString(key),
                fingerprint: fingerprint(json, operation: operation),
                encode: { APIAnswer($0).stored })
        }
        let request = idempotency
        let answer = try await routes.asking { () async throws(NodeError) in
            try await node.decide(question, idempotency: request)
        }
        switch answer {
        case .replayed(let stored):
            var answer = APIAnswer(stored)
            answer.headers[.idempotencyReplayed] = "true"
            return answer
        case .decided(let outcome, let stored):
            routes.metrics.count(outcome.decision, operation: operation)
            return stored.map { APIAnswer($0) } ?? APIAnswer(outcome)
        }
    }

    private func check(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let body = try DecisionBody(try await request.json(), reserves: false)
        let question = try question(body, caller)
        let decision = try await routes.asking { () async throws(NodeError) in
            try await node.check(question)
        }
        routes.metrics.count(decision, operation: "check")
        return APIAnswer(check: decision)
    }

    /// Who and what a body asks for: a tenant's key speaks for itself only.
    private func question(
        _ body: DecisionBody,
        _ caller: Caller
    ) throws(Problem) -> DecisionRequest {
        let tenant: TenantID
        let key: APIKeyID?
        switch caller {
        case .admin:
            guard let named = body.tenant else {
                throw .invalid(
                    "tenant is required with the admin token", at: .root.member("tenant"))
            }
            (tenant, key) = (named, body.key)
        case .key(let own):
            guard body.tenant == nil || body.tenant == own.tenant else {
                throw .forbidden("an API key decides for its own tenant; leave out \"tenant\"")
            }
            guard body.key == nil || body.key == own.id else {
                throw .forbidden("an API key decides for itself; leave out \"key\"")
            }
            (tenant, key) = (own.tenant, own.id)
        }
        return DecisionRequest(
            tenant: tenant, key: key, charges: body.charges, model: body.model, plan: body.plan,
            metadata: body.metadata, hold: body.hold)
    }

    /// The idempotency key of header or body, which must not contradict each other.
    private func idempotencyKey(
        _ request: APIRequest,
        _ body: DecisionBody
    ) throws(Problem) -> String? {
        let fields = request.head.headerFields[values: .idempotencyKey]
        guard let field = fields.first else { return body.idempotencyKey }
        guard fields.count == 1, let key = IdempotencyKeyHeader.parse(field),
            DecisionBody.isIdempotencyKey(key)
        else {
            throw Problem(
                .unprocessableContent,
                "the Idempotency-Key header must come once and be a string of 1 to "
                    + "\(DecisionBody.maximumIdempotencyKeyCharacters) characters")
        }
        guard body.idempotencyKey == nil || body.idempotencyKey == key else {
            throw .invalid(
                "idempotency_key differs from the Idempotency-Key header; send one of them",
                at: .root.member("idempotency_key"))
        }
        return key
    }

    /// SHA-256 of what is asked, whatever the order of the members.
    private func fingerprint(_ json: JSONValue, operation: String) -> [UInt8] {
        var object = JSONObject()
        for member in json.objectValue?.members ?? [] where member.name != "idempotency_key" {
            object[member.name] = member.value
        }
        var hash = SHA256()
        hash.update(data: Array(operation.utf8) + [0])
        hash.update(data: JSONValue.object(object).canonicalBytes)
        return Array(hash.finalize())
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
        let named = try query.identifier("tenant", TenantID.self)
        let namedKey = try query.identifier("key", APIKeyID.self)
        try query.finish()
        let tenant: TenantID
        let key: APIKeyID?
        switch caller {
        case .admin:
            guard let named else {
                throw .invalidQuery("tenant", "is required with the admin token")
            }
            (tenant, key) = (named, namedKey)
        case .key(let own):
            guard named == nil || named == own.tenant, namedKey == nil || namedKey == own.id else {
                throw .forbidden("an API key reads its own usage; leave out \"tenant\" and \"key\"")
            }
            guard own.status(at: node.now) == .active else {
                throw .forbidden("the key is suspended")
            }
            (tenant, key) = (own.tenant, own.id)
        }
        let usage = try await routes.asking { () async throws(NodeError) in
            try await node.usage(of: tenant, key: key)
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
