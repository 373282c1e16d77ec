import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Webhooks

/// `/api/admin/webhooks`: where notifications are delivered, and what became of them.
struct WebhookRoutes: Sendable {
    let routes: APIRoutes
    let vetting: WebhookVetting

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/webhooks", to: router, list)
        routes.addAdmin(.post, "/api/admin/webhooks", to: router, create)
        routes.addAdmin(.get, "/api/admin/webhooks/:id", to: router, show)
        routes.addAdmin(.patch, "/api/admin/webhooks/:id", to: router, patch)
        routes.addAdmin(.delete, "/api/admin/webhooks/:id", to: router, delete)
        routes.addAdmin(.post, "/api/admin/webhooks/:id/rotate", to: router, rotate)
        routes.addAdmin(.get, "/api/admin/webhooks/:id/deliveries", to: router, deliveries)
        routes.addAdmin(.post, "/api/admin/webhooks/:id/replay", to: router, replay)
    }

    // MARK: Endpoints

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let page = try ListPage(request)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.webhooks()
        }
        let after = page.after.map { WebhookID(trusted: $0) }
        let rest = found.drop { endpoint in after.map { endpoint.id <= $0 } ?? false }
        return page.answer(
            Array(rest), id: \.id.text,
            write: { endpoint, writer in writer.object { endpoint.writeMembers(to: &$0) } })
    }

    private func show(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        try request.query().finish()
        let endpoint = try await routes.asking { () async throws(NodeError) in
            try await node.webhook(id)
        }
        return .json { endpoint.writeMembers(to: &$0) }
    }

    private func create(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let new = NewWebhook(
            id: try body.identifier("id", WebhookID.self),
            url: try body.required(try body.string("url"), "url"),
            kinds: try WebhookBody.kinds(&body) ?? [],
            tenant: try body.identifier("tenant", TenantID.self))
        let reason = try request.reason(&body)
        try body.finish()
        try await vet(new.url, body)
        let draft = routes.draft("webhook.create", reason: reason) { writer in
            writer.member("url", new.url)
            writer.write(events: new.kinds)
            writer.member("tenant", new.tenant?.text)
        }
        let endpoint = try await routes.asking { () async throws(NodeError) in
            try await node.create(new, note: draft)
        }
        routes.logChange("webhook.create", endpoint.id.text, reason: reason)
        return answer(.created, endpoint)
    }

    private func patch(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        let json = try await request.json()
        var body = try BodyReader(json)
        let url = try body.string("url")
        let kinds = try WebhookBody.kinds(&body)
        let tenant = try body.identifier("tenant", TenantID.self)
        let status = try body.choice("status", WebhookEndpoint.Status.self)
        let reason = try request.reason(&body)
        try body.finish()
        let (setsKinds, setsTenant) = (body.has("events"), body.has("tenant"))
        if let url { try await vet(url, body) }
        let draft = routes.draft("webhook.update", reason: reason) { writer in
            for member in json.objectValue?.members ?? [] where member.name != "reason" {
                writer.member(named: member.name, member.value)
            }
        }
        let endpoint = try await routes.asking { () async throws(NodeError) in
            try await node.updateWebhook(id, note: draft) { endpoint in
                if let url { endpoint.url = url }
                if setsKinds { endpoint.kinds = kinds ?? [] }
                if setsTenant { endpoint.tenant = tenant }
                if let status { endpoint.status = status }
            }
        }
        routes.logChange("webhook.update", id.text, reason: reason)
        return .json { endpoint.writeMembers(to: &$0) }
    }

    private func vet(_ url: String, _ body: BodyReader) async throws(Problem) {
        do {
            try await vetting.check(url)
        } catch {
            throw body.invalid("url", error.description)
        }
    }

    private func delete(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        let reason = try await request.reasonOfDeletion()
        try await routes.asking { () async throws(NodeError) in
            try await node.deleteWebhook(id, note: routes.draft("webhook.delete", reason: reason))
        }
        routes.logChange("webhook.delete", id.text, reason: reason)
        return APIAnswer(.noContent)
    }

    private func rotate(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        var body = try BodyReader(try await request.json(emptyIsObject: true))
        let overlap =
            try body.integer("overlap_seconds", in: 0...KeyRoutes.maximumOverlapSeconds)
            ?? KeyRoutes.defaultOverlapSeconds
        let reason = try request.reason(&body)
        try body.finish()
        let draft = routes.draft("webhook.rotate", reason: reason) {
            $0.member("overlap_seconds", overlap)
        }
        let endpoint = try await routes.asking { () async throws(NodeError) in
            try await node.rotateWebhook(id, overlapSeconds: overlap, note: draft)
        }
        routes.logChange("webhook.rotate", id.text, reason: reason)
        return answer(.ok, endpoint)
    }

    /// An endpoint with its secret, which is shown nowhere else.
    private func answer(_ status: HTTPResponse.Status, _ endpoint: WebhookEndpoint) -> APIAnswer {
        var answer = APIAnswer.json(status) { writer in
            endpoint.writeMembers(to: &writer)
            let secret = node.webhookSecrets(of: endpoint, at: node.now).first
            writer.member("secret", secret?.text)
        }
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    // MARK: Deliveries

    private func deliveries(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        var query = try request.query()
        let state = try query.choice("state", WebhookDelivery.State.self)
        let page = try ListPage(&query)
        var after: Int64 = 0
        if let text = page.after {
            guard let number = Int64(text) else { throw ListPage.foreignCursor }
            after = number
        }
        let wanted = DeliveryPage(
            endpoint: id, state: state, after: after, limit: page.limit + 1)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.deliveries(wanted)
        }
        return page.answer(
            found, id: { String($0.delivery.id.number) }, write: { $0.write(to: &$1) })
    }

    private func replay(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let id = try request.pathIdentifier("id", WebhookID.self)
        let json = try await request.json()
        var body = try BodyReader(json)
        let replay = try WebhookBody.replay(&body)
        let after = try body.string("after")
        let reason = try request.reason(&body)
        try body.finish()
        let done = try await routes.asking { () async throws(NodeError) in
            try await node.replay(replay, after: after, to: id) { count in
                routes.draft("webhook.replay", reason: reason) { writer in
                    for member in json.objectValue?.members ?? [] where member.name != "reason" {
                        writer.member(named: member.name, member.value)
                    }
                    writer.member("replayed", Int64(count))
                }
            }
        }
        routes.logChange("webhook.replay", id.text, reason: reason)
        return .json { writer in
            writer.member("replayed", Int64(done.count))
            writer.member("next_after", done.last)
        }
    }
}

extension JSONWriter {
    /// The events that an endpoint wants, in the order of their names; null for all.
    fileprivate mutating func write(events kinds: Set<QuotaNotification.Kind>) {
        guard !kinds.isEmpty else { return null("events") }
        array("events") { writer in
            for name in kinds.map(\.rawValue).sorted() { name.write(to: &writer) }
        }
    }
}

extension WebhookEndpoint {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.text)
        writer.member("url", url)
        writer.write(events: kinds)
        writer.member("tenant", tenant?.text)
        writer.member("status", status.rawValue)
        writer.member("failure", failure)
        writer.member("previous_secret_expires_at", previousSecretUntil?.truncatedToMilliseconds)
        writer.member("created_at", createdAt.truncatedToMilliseconds)
    }
}

extension NotifiedDelivery {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", notification.id)
            writer.member("type", notification.kind.rawValue)
            writer.member("at", notification.at.truncatedToMilliseconds)
            writer.member("tenant", notification.tenant?.text)
            writer.member("state", delivery.state.rawValue)
            writer.member("attempts", Int64(delivery.attempts))
            writer.member("next_attempt_at", delivery.nextAttemptAt?.truncatedToMilliseconds)
            writer.member("last_status", delivery.lastStatus.map { Int64($0) })
            writer.member("last_error", delivery.lastFailure)
            writer.member("updated_at", delivery.updatedAt.truncatedToMilliseconds)
        }
    }
}
