import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/plans` and `/api/admin/meters`: what is sold, and what is counted.
struct CatalogRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/plans", to: router, plans)
        routes.addAdmin(.post, "/api/admin/plans", to: router, createPlan)
        routes.addAdmin(.get, "/api/admin/plans/:id", to: router, plan)
        routes.addAdmin(.put, "/api/admin/plans/:id", to: router, putPlan)
        routes.addAdmin(.delete, "/api/admin/plans/:id", to: router, deletePlan)
        routes.addAdmin(.get, "/api/admin/meters", to: router, meters)
        routes.addAdmin(.post, "/api/admin/meters", to: router, createMeter)
        routes.addAdmin(.get, "/api/admin/meters/:id", to: router, meter)
        routes.addAdmin(.put, "/api/admin/meters/:id", to: router, putMeter)
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
        let plan = try Self.plan(id, &body, meters: node.meters)
        let reason = try request.reason(&body)
        try body.finish()
        return try await put(plan, mustBeNew: true, reason)
    }

    private func putPlan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", PlanID.self)
        var body = try BodyReader(try await request.json())
        if let named = try body.identifier("id", PlanID.self), named.canonical != id.canonical {
            throw body.invalid("id", "must be the id in the path, \"\(id.text)\", or be left out")
        }
        let plan = try Self.plan(id, &body, meters: node.meters)
        let reason = try request.reason(&body)
        try body.finish()
        return try await put(plan, mustBeNew: false, reason)
    }

    /// Reads a plan.
    static func plan(
        _ id: PlanID,
        _ body: inout BodyReader,
        meters: [MeterID: Meter]
    ) throws(Problem) -> Plan {
        let limits = try LimitBody.limits(&body, meters: meters, owner: .plan)
        return Plan(
            id: id.canonical,
            name: try body.name("name") ?? id.text,
            weight: try body.integer("weight", in: 1...1_000_000) ?? 1,
            limits: try body.required(limits, "limits"))
    }

    private func put(
        _ plan: Plan,
        mustBeNew: Bool,
        _ reason: String?
    ) async throws(Problem) -> APIAnswer {
        let put = try await routes.asking { () async throws(NodeError) in
            try await node.put(plan, mustBeNew: mustBeNew) { isNew in
                routes.draft(isNew ? "plan.create" : "plan.update", reason: reason) {
                    plan.writeMembers(to: &$0)
                }
            }
        }
        routes.logChange("plan.put", plan.id.text, reason: reason)
        return .json(put.isNew ? .created : .ok) { put.plan.writeMembers(to: &$0) }
    }

    private func deletePlan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", PlanID.self)
        let reason = try await request.reasonOfDeletion()
        try await routes.asking { () async throws(NodeError) in
            try await node.deletePlan(id, note: routes.draft("plan.delete", reason: reason))
        }
        routes.logChange("plan.delete", id.text, reason: reason)
        return APIAnswer(.noContent)
    }

    // MARK: Meters

    private func meters(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let page = try ListPage(request)
        let found = node.meters.values.sorted { $0.id < $1.id }
            .filter { meter in
                page.after.map { meter.id.exact > ExactString($0) } ?? true
            }
        return page.answer(found, id: \.id.text) { meter, writer in
            writer.object { meter.writeMembers(to: &$0) }
        }
    }

    private func meter(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", MeterID.self)
        try request.query().finish()
        guard let meter = node.meters[id] else {
            throw Problem(.notFound, "there is no meter \"\(id.text)\"")
        }
        return .json { meter.writeMembers(to: &$0) }
    }

    private func createMeter(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let id = try body.required(try body.identifier("id", MeterID.self), "id")
        let meter = try Self.meter(id, &body)
        let reason = try request.reason(&body)
        try body.finish()
        return try await create(meter, reason)
    }

    private func putMeter(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", MeterID.self)
        var body = try BodyReader(try await request.json())
        try body.id(id)
        let meter = try Self.meter(id, &body)
        let reason = try request.reason(&body)
        try body.finish()
        guard node.meters[id] != nil else { return try await create(meter, reason) }
        let draft = routes.draft("meter.update", reason: reason) { meter.writeMembers(to: &$0) }
        try await routes.asking { () async throws(NodeError) in
            try await node.update(meter, note: draft)
        }
        routes.logChange("meter.update", id.text, reason: reason)
        return .json { meter.writeMembers(to: &$0) }
    }

    /// Reads a meter.
    static func meter(_ id: MeterID, _ body: inout BodyReader) throws(Problem) -> Meter {
        Meter(
            id: id,
            kind: try body.required(try body.choice("kind", Meter.Kind.self), "kind"),
            recording: try body.choice("record", Meter.Recording.self) ?? .event)
    }

    private func create(_ meter: Meter, _ reason: String?) async throws(Problem) -> APIAnswer {
        let draft = routes.draft("meter.create", reason: reason) { meter.writeMembers(to: &$0) }
        try await routes.asking { () async throws(NodeError) in
            try await node.create(meter, note: draft)
        }
        routes.logChange("meter.create", meter.id.text, reason: reason)
        return .json(.created) { meter.writeMembers(to: &$0) }
    }
}

extension Meter {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.text)
        writer.member("kind", kind.rawValue)
        writer.member("record", recording.rawValue)
    }
}
