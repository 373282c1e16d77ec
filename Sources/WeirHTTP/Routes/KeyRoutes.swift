import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/keys` and `/api/admin/service-keys`.
struct KeyRoutes: Sendable {
    /// How long the old secret works after a rotation: a day, and at most 30 days, in seconds.
    static let defaultOverlapSeconds: Int64 = 86_400
    static let maximumOverlapSeconds: Int64 = 2_592_000

    let routes: APIRoutes
    let kind: KeyKind

    private var node: QuotaNode { routes.node }
    private var action: String { kind == .service ? "service_key" : "key" }

    func add(to router: RouteCollector) {
        let path = kind == .service ? "/api/admin/service-keys" : "/api/admin/keys"
        let one = RouterPath(path + "/:id")
        routes.addAdmin(.get, RouterPath(path), to: router, list)
        routes.addAdmin(.post, RouterPath(path), to: router, create)
        routes.addAdmin(.get, one, to: router, show)
        routes.addAdmin(.patch, one, to: router, patch)
        routes.addAdmin(.delete, one, to: router, revoke)
        routes.addAdmin(.post, RouterPath(path + "/:id/rotate"), to: router, rotate)
    }

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        var tenant: TenantID?
        if kind == .tenant { tenant = try query.identifier("tenant", TenantID.self) }
        let showsCredentials = try query.bool("credentials") ?? false
        let page = try ListPage(&query)
        let after = page.after.map { APIKeyID(trusted: $0) }
        let owner = tenant
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.keys(of: owner, kind: kind, after: after, limit: page.limit + 1)
        }
        let now = node.now
        return page.answer(found, id: \.key.id.text) { found, writer in
            writer.object { writer in
                found.key.writeMembers(to: &writer, at: now)
                if showsCredentials { found.writeCredential(to: &writer) }
            }
        }
    }

    private func show(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", APIKeyID.self)
        try request.query().finish()
        let key = try await routes.asking { () async throws(NodeError) in
            try await node.key(id, kind: kind)
        }
        return .json { key.writeMembers(to: &$0, at: node.now) }
    }

    private func create(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        var tenant: TenantID?
        var limits: [Limit] = []
        if kind == .tenant {
            tenant = try body.required(try body.identifier("tenant", TenantID.self), "tenant")
            limits = try LimitBody.limits(&body, meters: node.meters, owner: .key) ?? []
        }
        let new = NewKey(
            tenant: tenant,
            name: try body.required(try body.name("name"), "name"),
            limits: limits,
            expiresAt: try expiry(&body),
            isTest: try body.bool("test") ?? false)
        let reason = try request.reason(&body)
        try body.finish()
        let draft = routes.draft("\(action).create", reason: reason) { writer in
            writer.member("name", new.name)
            writer.member("test", new.isTest)
            writer.member("limits", new.limits)
            writer.member("expires_at", new.expiresAt)
        }
        let issued = try await routes.asking { () async throws(NodeError) in
            try await node.create(new, note: draft)
        }
        routes.logChange("\(action).create", issued.key.id.text, reason: reason)
        return answer(.created, issued)
    }

    private func expiry(_ body: inout BodyReader) throws(Problem) -> Timestamp? {
        let expiresAt = try body.timestamp("expires_at")
        if let expiresAt, expiresAt <= node.now {
            throw body.invalid("expires_at", "must lie in the future")
        }
        return expiresAt
    }

    private func answer(_ status: HTTPResponse.Status, _ issued: IssuedKey) -> APIAnswer {
        .json(status) { writer in
            issued.key.writeMembers(to: &writer, at: node.now)
            writer.member("key", issued.text)
        }
    }

    private func patch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", APIKeyID.self)
        let json = try await request.json()
        var body = try BodyReader(json)
        let name = try body.name("name")
        let status = try body.choice("status", NewStatus.self)
        var limits: [Limit]?
        if kind == .tenant {
            limits = try LimitBody.limits(&body, meters: node.meters, owner: .key)
            if limits == nil, body.has("limits") { limits = [] }
        }
        let setsExpiry = body.has("expires_at")
        let expiresAt = try expiry(&body)
        let reason = try request.reason(&body)
        try body.finish()
        let what = status == .revoked ? "revoke" : "update"
        let draft = routes.draft("\(action).\(what)", reason: reason) { writer in
            for member in json.objectValue?.members ?? [] where member.name != "reason" {
                writer.member(named: member.name, member.value)
            }
        }
        let changed = limits
        let key = try await routes.asking { () async throws(NodeError) in
            try await node.updateKey(id, kind: kind, note: draft) { key in
                if let name { key.name = name }
                if let status { key.status = status.status }
                if let changed { key.limits = changed }
                if setsExpiry { key.expiresAt = expiresAt }
            }
        }
        routes.logChange("\(action).\(what)", id.text, reason: reason)
        return .json { key.writeMembers(to: &$0, at: node.now) }
    }

    private func revoke(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", APIKeyID.self)
        let reason = try await request.reasonOfDeletion()
        _ = try await routes.asking { () async throws(NodeError) in
            try await node.updateKey(
                id, kind: kind, note: routes.draft("\(action).revoke", reason: reason)
            ) { $0.status = .revoked }
        }
        routes.logChange("\(action).revoke", id.text, reason: reason)
        return APIAnswer(.noContent)
    }

    private func rotate(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", APIKeyID.self)
        var body = try BodyReader(try await request.json(emptyIsObject: true))
        let overlap =
            try body.integer("overlap_seconds", in: 0...Self.maximumOverlapSeconds)
            ?? Self.defaultOverlapSeconds
        let reason = try request.reason(&body)
        try body.finish()
        let draft = routes.draft("\(action).rotate", reason: reason) {
            $0.member("overlap_seconds", overlap)
        }
        let issued = try await routes.asking { () async throws(NodeError) in
            try await node.rotate(id, kind: kind, overlapSeconds: overlap, note: draft)
        }
        routes.logChange("\(action).rotate", id.text, reason: reason)
        return answer(.ok, issued)
    }
}

/// What a key's status can be set to; it expires by itself.
private enum NewStatus: String, CaseIterable {
    case active
    case suspended
    case revoked

    var status: APIKey.Status {
        switch self {
        case .active: .active
        case .suspended: .suspended
        case .revoked: .revoked
        }
    }
}

extension CredentialedKey {
    /// What verifies the key elsewhere, with the same pepper.
    fileprivate func writeCredential(to writer: inout JSONWriter) {
        writer.object("credential") { writer in
            writer.member("public_id", credential.publicID)
            writer.member("digest", Hexadecimal.encode(credential.digest))
            writer.member("pepper_version", credential.pepperVersion)
            // The key does not speak of a previous secret that is over.
            guard let previous = credential.previous, key.previousSecretExpiresAt != nil else {
                return writer.null("previous")
            }
            writer.object("previous") { writer in
                writer.member("digest", Hexadecimal.encode(previous.digest))
                writer.member("pepper_version", previous.pepperVersion)
                writer.member("expires_at", previous.expiresAt)
            }
        }
    }
}
