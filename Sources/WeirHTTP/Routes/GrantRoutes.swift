import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// Units on top of a tenant's limits: those that were carried, and top-ups.
struct GrantRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/tenants/:id/grants", to: router, list)
        routes.addAdmin(.post, "/api/admin/tenants/:id/grants", to: router, create)
        routes.addAdmin(.delete, "/api/admin/tenants/:id/grants/:grant", to: router, revoke)
    }

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        let page = try ListPage(request)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.allowanceGrants(of: tenant)
        }
        // A tenant's limits have some hundreds of them at most.
        let sorted = found.sorted { $0.id < $1.id }
        let after = page.after.map { TopUpID(trusted: $0) }
        let rest = sorted.drop { grant in after.map { grant.id <= $0 } ?? false }
        return page.answer(
            Array(rest.prefix(page.limit + 1)), id: \.id.text,
            write: { grant, writer in writer.object { grant.writeMembers(to: &$0) } })
    }

    private func create(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        let key = try request.idempotencyKey(nil)
        var body = try BodyReader(try await request.json())
        let meter = try body.required(try body.identifier("meter", MeterID.self), "meter")
        let window = try body.required(try body.choice("window", Window.self), "window")
        let units = try body.required(try body.integer("units", in: 1...Amount.maximum), "units")
        let priority = try body.integer(
            "priority",
            in: Int64(TopUp.priorities.lowerBound)...Int64(TopUp.priorities.upperBound))
        let expiresAt = try body.timestamp("expires_at")
        let reason = try request.reason(&body)
        try body.finish()
        let id = try id(known: key)
        let topUp = TopUp(
            id: id, granted: units,
            priority: priority.map { Int($0) } ?? TopUp.planPriority, expiresAt: expiresAt,
            grantedAt: node.now, reason: reason)
        let draft = routes.draft("grant.create", reason: reason) { writer in
            writer.member("id", topUp.id.text)
            writer.member("meter", meter.text)
            writer.member("window", window.rawValue)
            writer.member("units", units)
            writer.member("expires_at", expiresAt)
        }
        let made = try await routes.asking(for: request) { () async throws(NodeError) in
            try await node.grant(topUp, to: tenant, meter: meter, window: window, note: draft)
        }
        routes.logChange("grant.create", tenant.text, reason: reason)
        var answer = APIAnswer.json(.created) { made.grant.writeMembers(to: &$0) }
        if !made.isNew { answer.headers[.idempotencyReplayed] = "true" }
        return answer
    }

    /// The id of a top-up that is known by the key of the header.
    private func id(known key: String?) throws(Problem) -> TopUpID {
        do {
            return try node.topUpID(idempotencyKey: key)
        } catch .invalid(_, let detail) {
            throw .invalidHeader(.idempotencyKey, detail)
        } catch {
            throw Problem(error)
        }
    }

    private func revoke(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        let id = try request.pathIdentifier("grant", TopUpID.self)
        let reason = try await request.reasonOfDeletion()
        let draft = routes.draft("grant.revoke", reason: reason) { $0.member("id", id.text) }
        try await routes.asking { () async throws(NodeError) in
            try await node.revoke(id, of: tenant, note: draft)
        }
        routes.logChange("grant.revoke", tenant.text, reason: reason)
        return APIAnswer(.noContent)
    }
}

extension AllowanceGrant {
    /// A top-up as lists of tenants show it, with what another server needs to go on from here.
    func writeExported(to writer: inout JSONWriter) {
        guard case .topUp(let topUp) = kind else { return }
        writer.member("id", id.text)
        writer.member("meter", meter.text)
        writer.member("window", window.rawValue)
        writer.member("remaining", remaining)
        writer.member("remaining_at_period_start", topUp.units)
        writer.member("priority", Int64(topUp.priority))
        writer.member("expires_at", topUp.expiresAt)
        writer.member("created_at", topUp.grantedAt.truncatedToMilliseconds)
        writer.member("reason", topUp.reason)
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.text)
        writer.member("limit_id", limit)
        writer.member("meter", meter.text)
        writer.member("window", window.rawValue)
        switch kind {
        case .carried(let units, let age, let maximumAge, let policyVersion):
            writer.member("kind", "carried")
            writer.member("units", units)
            writer.member("remaining", remaining)
            writer.member("age_periods", Int64(age))
            writer.member("max_age_periods", maximumAge.map { Int64($0) })
            writer.member("policy_version", policyVersion)
        case .topUp(let topUp):
            writer.member("kind", "top_up")
            writer.member("units", topUp.granted)
            writer.member("remaining", remaining)
            writer.member("priority", Int64(topUp.priority))
            writer.member("expires_at", topUp.expiresAt)
            writer.member("expired", topUp.hasLapsed)
            writer.member("created_at", topUp.grantedAt.truncatedToMilliseconds)
            writer.member("reason", topUp.reason)
        }
    }
}
