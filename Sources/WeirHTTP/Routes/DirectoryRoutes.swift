import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin`: tenants, keys and plans.
struct DirectoryRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: Router<BasicRequestContext>) {
        routes.addAdmin(.get, "/api/admin/tenants", to: router, tenants)
        routes.addAdmin(.post, "/api/admin/tenants", to: router, createTenant)
        routes.addAdmin(.get, "/api/admin/tenants/:id", to: router, tenant)
        routes.addAdmin(.get, "/api/admin/keys", to: router, keys)
        routes.addAdmin(.post, "/api/admin/keys", to: router, createKey)
        routes.addAdmin(.get, "/api/admin/keys/:id", to: router, key)
        routes.addAdmin(.get, "/api/admin/plans", to: router, plans)
        routes.addAdmin(.post, "/api/admin/plans", to: router, createPlan)
        routes.addAdmin(.get, "/api/admin/plans/:id", to: router, plan)
        routes.addAdmin(.put, "/api/admin/plans/:id", to: router, putPlan)
    }

    // MARK: Tenants

    private func tenants(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let page = try ListPage(request)
        let after = page.after.map { TenantID(trusted: $0) }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.tenants(after: after, limit: page.limit + 1)
        }
        return page.answer(found, id: \.id.text) { $0.write(to: &$1) }
    }

    private func tenant(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", TenantID.self)
        try request.query().finish()
        let tenant = try await routes.asking { () async throws(NodeError) in
            try await node.tenant(id)
        }
        return answer(.ok, tenant)
    }

    private func createTenant(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let tenant = try TenantBody.tenant(&body, now: node.now)
        let reason = try request.reason(&body)
        try body.finish()
        let created = try await routes.asking { () async throws(NodeError) in
            try await node.create(tenant)
        }
        routes.logChange("tenant.create", created.id.text, reason: reason)
        return answer(.created, created)
    }

    private func answer(_ status: HTTPResponse.Status, _ tenant: Tenant) -> APIAnswer {
        .json(status) { writer in
            tenant.writeMembers(to: &writer)
            let isKnown = node.plan(tenant.plan) != nil
            writer.member(
                "warnings",
                isKnown
                    ? []
                    : ["plan \"\(tenant.plan.text)\" does not exist; the limits of \"free\" hold"])
        }
    }

    // MARK: Keys

    private func keys(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        let page = try ListPage(&query)
        let after = page.after.map { APIKeyID(trusted: $0) }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.keys(of: tenant, after: after, limit: page.limit + 1)
        }
        let now = node.now
        return page.answer(found, id: \.id.text) { $0.write(to: &$1, at: now) }
    }

    private func key(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", APIKeyID.self)
        try request.query().finish()
        let key = try await routes.asking { () async throws(NodeError) in try await node.key(id) }
        return .json { key.writeMembers(to: &$0, at: node.now) }
    }

    private func createKey(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let new = NewKey(
            tenant: try body.required(
                try body.identifier("tenant", TenantID.self), "tenant"),
            name: try body.required(try body.name("name"), "name"),
            limits: try LimitBody.limits(&body, meters: node.meters, isKey: true) ?? [],
            expiresAt: try body.timestamp("expires_at"),
            isTest: try body.bool("test") ?? false)
        let reason = try request.reason(&body)
        try body.finish()
        if let expiresAt = new.expiresAt, expiresAt <= node.now {
            throw body.invalid("expires_at", "must lie in the future")
        }
        let created = try await routes.asking { () async throws(NodeError) in
            try await node.create(new)
        }
        routes.logChange("key.create", created.key.id.text, reason: reason)
        return .json(.created) { writer in
            created.key.writeMembers(to: &writer, at: node.now)
            writer.member("key", created.text)
        }
    }

    // MARK: Plans

    private func plans(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let page = try ListPage(request)
        let found = node.plans.sorted { $0.id < $1.id }
            .filter { plan in
                page.after.map { plan.id.exact > ExactString($0) } ?? true
            }
        return page.answer(found, id: \.id.text) { $0.write(to: &$1) }
    }

    private func plan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", PlanID.self)
        try request.query().finish()
        guard let plan = node.plan(id) else {
            throw Problem(.notFound, "there is no plan \"\(id.text)\"")
        }
        return .json { plan.writeMembers(to: &$0) }
    }

    private func createPlan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let id = try body.required(try body.identifier("id", PlanID.self), "id")
        guard node.plan(id) == nil else {
            throw Problem(NodeError.alreadyExists("plan \"\(id.text)\""))
        }
        return try await put(id, &body, request)
    }

    private func putPlan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", PlanID.self)
        var body = try BodyReader(try await request.json())
        if let named = try body.identifier("id", PlanID.self), named != id {
            throw body.invalid("id", "must be the id in the path, \"\(id.text)\", or be left out")
        }
        return try await put(id, &body, request)
    }

    private func put(
        _ id: PlanID,
        _ body: inout BodyReader,
        _ request: APIRequest
    ) async throws(Problem) -> APIAnswer {
        let limits = try LimitBody.limits(&body, meters: node.meters, isKey: false)
        let plan = Plan(
            id: id.canonical,
            name: try body.name("name") ?? id.text,
            weight: try body.integer("weight", in: 1...1_000_000) ?? 1,
            limits: try body.required(limits, "limits"))
        let reason = try request.reason(&body)
        try body.finish()
        let put = try await routes.asking { () async throws(NodeError) in
            try await node.put(plan)
        }
        routes.logChange("plan.put", id.text, reason: reason)
        return .json(put.isNew ? .created : .ok) { put.plan.writeMembers(to: &$0) }
    }
}
