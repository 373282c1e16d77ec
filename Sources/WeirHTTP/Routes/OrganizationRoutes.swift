import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/organizations`.
struct OrganizationRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/organizations", to: router, list)
        routes.addAdmin(.post, "/api/admin/organizations", to: router, create)
        routes.addAdmin(.get, "/api/admin/organizations/:id", to: router, show)
        routes.addAdmin(.patch, "/api/admin/organizations/:id", to: router, patch)
        routes.addAdmin(.put, "/api/admin/organizations/:id", to: router, put)
        routes.addAdmin(.delete, "/api/admin/organizations/:id", to: router, delete)
        routes.addAdmin(.get, "/api/admin/organizations/:id/usage", to: router, usage)
    }

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let page = try ListPage(request)
        let after = page.after.map { OrganizationID(trusted: $0) }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.organizations(after: after, limit: page.limit + 1)
        }
        return page.answer(found, id: \.id.text) { organization, writer in
            writer.object { organization.writeMembers(to: &$0) }
        }
    }

    private func show(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", OrganizationID.self)
        try request.query().finish()
        let organization = try await organization(id)
        return .json { organization.writeMembers(to: &$0) }
    }

    private func organization(_ id: OrganizationID) async throws(Problem) -> Organization {
        try await routes.asking { () async throws(NodeError) in try await node.organization(id) }
    }

    private func existing(_ id: OrganizationID) async throws(Problem) -> Organization? {
        do {
            return try await node.organization(id)
        } catch .notFound {
            return nil
        } catch {
            throw Problem(error)
        }
    }

    private func create(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let id = try body.required(try body.identifier("id", OrganizationID.self), "id")
        let blank = Organization(id: id, createdAt: node.now)
        let made = try Self.changed(blank, &body, meters: node.meters)
        let reason = try request.reason(&body)
        try body.finish()
        return try await put(made, isNew: true, mustBeNew: true, reason)
    }

    private func patch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", OrganizationID.self)
        var body = try BodyReader(try await request.json())
        try body.id(id)
        // What is wrong with the body is said whether or not the organization exists.
        let blank = Organization(id: id, createdAt: node.now)
        _ = try Self.changed(blank, &body, meters: node.meters)
        let reason = try request.reason(&body)
        try body.finish()
        let known = try await organization(id)
        let made = try Self.changed(known, &body, meters: node.meters)
        return try await put(made, isNew: false, reason)
    }

    private func put(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", OrganizationID.self)
        var body = try BodyReader(try await request.json())
        try body.id(id)
        let known = try await existing(id)
        let blank = Organization(id: id, createdAt: known?.createdAt ?? node.now)
        let made = try Self.changed(blank, &body, meters: node.meters)
        let reason = try request.reason(&body)
        try body.finish()
        return try await put(made, isNew: known == nil, reason)
    }

    /// Reads the members that are there into an organization.
    static func changed(
        _ organization: Organization,
        _ body: inout BodyReader,
        meters: [MeterID: Meter]
    ) throws(Problem) -> Organization {
        var organization = organization
        _ = body.value("created_at")
        let name = try body.name("name")
        if body.has("name") { organization.name = name ?? organization.id.text }
        if let limits = try LimitBody.limits(&body, meters: meters, owner: .organization) {
            organization.limits = limits
        } else if body.has("limits") {
            organization.limits = []
        }
        var billing = BillingBody(
            timeZone: organization.timeZone, anchor: organization.billingAnchor,
            interval: organization.billingInterval, boundaries: organization.billingBoundaries)
        try billing.apply(&body)
        organization.timeZone = billing.timeZone
        organization.billingAnchor = billing.anchor
        organization.billingInterval = billing.interval
        organization.billingBoundaries = billing.boundaries
        return organization
    }

    private func put(
        _ organization: Organization,
        isNew: Bool,
        mustBeNew: Bool = false,
        _ reason: String?
    ) async throws(Problem) -> APIAnswer {
        let action = isNew ? "organization.create" : "organization.update"
        let draft = routes.draft(action, reason: reason) { organization.writeMembers(to: &$0) }
        let stored = try await routes.asking { () async throws(NodeError) in
            try await node.put(organization, mustBeNew: mustBeNew, note: draft)
        }
        routes.logChange(action, organization.id.text, reason: reason)
        return .json(isNew ? .created : .ok) { stored.writeMembers(to: &$0) }
    }

    private func delete(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", OrganizationID.self)
        let reason = try await request.reasonOfDeletion()
        try await routes.asking { () async throws(NodeError) in
            try await node.deleteOrganization(
                id, note: routes.draft("organization.delete", reason: reason))
        }
        routes.logChange("organization.delete", id.text, reason: reason)
        return APIAnswer(.noContent)
    }

    private func usage(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", OrganizationID.self)
        try request.query().finish()
        let usage = try await routes.asking { () async throws(NodeError) in
            try await node.usage(of: id)
        }
        return .json { writer in
            writer.member("organization", id.text)
            writer.member("as_of", usage.asOf.truncatedToMilliseconds)
            writer.member("limits", usage.limits)
            writer.member("allocations", usage.allocations)
        }
    }
}

extension Organization {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.text)
        writer.member("name", name)
        writer.member("limits", limits)
        writer.member("time_zone", timeZone)
        writer.member("billing_anchor", billingAnchor?.description)
        writer.member("billing_interval", billingInterval.rawValue)
        writer.member(
            "billing_boundaries",
            billingBoundaries.isEmpty ? nil : billingBoundaries.map(\.description))
        writer.member("created_at", createdAt.truncatedToMilliseconds)
    }
}
