import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/tenants`.
struct TenantRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/tenants", to: router, list)
        routes.addAdmin(.post, "/api/admin/tenants", to: router, create)
        routes.addAdmin(.get, "/api/admin/tenants/:id", to: router, show)
        routes.addAdmin(.patch, "/api/admin/tenants/:id", to: router, patch)
        routes.addAdmin(.put, "/api/admin/tenants/:id", to: router, put)
        routes.addAdmin(.delete, "/api/admin/tenants/:id", to: router, close)
    }

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let organization = try query.identifier("organization", OrganizationID.self)
        let showsAllocations = try query.bool("allocations") ?? false
        let showsGrants = try query.bool("grants") ?? false
        let page = try ListPage(&query)
        let after = page.after.map { TenantID(trusted: $0) }
        let (found, held, topUps) = try await routes.asking { () async throws(NodeError) in
            let found = try await node.tenants(
                of: organization, after: after, limit: page.limit + 1)
            var held: [TenantID: [(meter: MeterID, units: Int64)]] = [:]
            for tenant in found where showsAllocations {
                held[tenant.id] = try await node.allocations(of: tenant.id)
            }
            var topUps: [TenantID: [AllowanceGrant]] = [:]
            for tenant in found where showsGrants {
                topUps[tenant.id] = try await node.topUps(of: tenant.id)
            }
            return (found, held, topUps)
        }
        return page.answer(found, id: \.id.text) { tenant, writer in
            writer.object { writer in
                tenant.writeMembers(to: &writer, at: node.now)
                if let held = held[tenant.id] {
                    writer.array("allocations") { writer in
                        for (meter, units) in held {
                            writer.object { writer in
                                writer.member("meter", meter.text)
                                writer.member("units", units)
                            }
                        }
                    }
                }
                if let topUps = topUps[tenant.id] {
                    writer.array("grants") { writer in
                        for grant in topUps {
                            writer.object { grant.writeExported(to: &$0) }
                        }
                    }
                }
            }
        }
    }

    private func show(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", TenantID.self)
        try request.query().finish()
        let tenant = try await routes.asking { () async throws(NodeError) in
            try await node.tenant(id)
        }
        return await answer(.ok, tenant)
    }

    private func create(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let id = try body.required(try body.identifier("id", TenantID.self), "id")
        var tenant = Tenant(id: id, createdAt: node.now)
        let plan = try TenantBody.apply(&body, to: &tenant)
        let reason = try request.reason(&body)
        try body.finish()
        return try await create(tenant, plan, reason)
    }

    private func create(
        _ tenant: Tenant,
        _ plan: PlanRequest,
        _ reason: String?
    ) async throws(Problem) -> APIAnswer {
        var noted = tenant
        if let named = plan.plan { noted.firstPlan = named }
        let created = try await routes.asking { [noted] () async throws(NodeError) in
            try await node.create(
                tenant, plan: plan,
                note: routes.draft("tenant.create", reason: reason) {
                    noted.writeMembers(to: &$0, at: node.now)
                })
        }
        routes.logChange("tenant.create", created.id.text, reason: reason)
        return await answer(.created, created)
    }

    private func patch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", TenantID.self)
        let json = try await request.json()
        var body = try BodyReader(json)
        try body.id(id)
        var tenant = Tenant(id: id, createdAt: node.now)
        let plan = try TenantBody.apply(&body, to: &tenant)
        let reason = try request.reason(&body)
        try body.finish()
        return try await update(id, json, from: nil, plan, reason)
    }

    private func put(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", TenantID.self)
        let json = try await request.json()
        var body = try BodyReader(json)
        try body.id(id)
        var tenant = Tenant(id: id, createdAt: node.now)
        var plan = try TenantBody.apply(&body, to: &tenant)
        let reason = try request.reason(&body)
        try body.finish()
        do throws(NodeError) {
            _ = try await node.tenant(id)
        } catch {
            guard case .tenantNotFound = error else { throw Problem(error) }
            return try await create(tenant, plan, reason)
        }
        plan.plan = plan.plan ?? .fallback
        return try await update(id, json, from: tenant, plan, reason)
    }

    /// Applies a body that was checked already, to the tenant as it is or to a blank one.
    private func update(
        _ id: TenantID,
        _ json: JSONValue,
        from blank: Tenant?,
        _ plan: PlanRequest,
        _ reason: String?
    ) async throws(Problem) -> APIAnswer {
        let draft = routes.draft("tenant.update", reason: reason) { writer in
            for member in json.objectValue?.members ?? [] where member.name != "reason" {
                writer.member(named: member.name, member.value)
            }
        }
        let updated = try await routes.asking { () async throws(NodeError) in
            try await node.updateTenant(id, plan: plan, note: draft) { tenant in
                if let blank { tenant = blank.replacing(tenant) }
                guard var body = try? BodyReader(json) else { return }
                _ = try? TenantBody.apply(&body, to: &tenant)
            }
        }
        routes.logChange("tenant.update", id.text, reason: reason)
        return await answer(.ok, updated)
    }

    private func close(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", TenantID.self)
        let reason = try await request.reasonOfDeletion()
        _ = try await routes.asking { () async throws(NodeError) in
            try await node.updateTenant(id, note: routes.draft("tenant.close", reason: reason)) {
                $0.status = .closed
            }
        }
        routes.logChange("tenant.close", id.text, reason: reason)
        return APIAnswer(.noContent)
    }

    private func answer(
        _ status: HTTPResponse.Status,
        _ tenant: Tenant
    ) async -> APIAnswer {
        let warnings = await node.warnings(of: tenant)
        return .json(status) { writer in
            tenant.writeMembers(to: &writer, at: node.now)
            writer.member("warnings", warnings)
        }
    }
}

extension Tenant {
    /// This form in place of another, whose history stays.
    fileprivate func replacing(_ other: Tenant) -> Tenant {
        Tenant(
            id: id, name: name, plan: other.firstPlan, organization: organization,
            timeZone: timeZone, billingAnchor: billingAnchor, billingInterval: billingInterval,
            billingBoundaries: billingBoundaries, status: status, currency: currency,
            createdAt: other.createdAt,
            planSteps: other.planSteps, revision: other.revision)
    }
}
