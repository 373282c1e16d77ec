public import QuotaLedger
public import QuotaModel

/// What a new webhook endpoint is made of.
public struct NewWebhook: Sendable {
    /// The id; nil has one made up.
    public let id: WebhookID?
    /// Where deliveries are posted; vetted by the caller.
    public let url: String
    /// What is delivered; empty for everything that is written.
    public let kinds: Set<QuotaNotification.Kind>
    /// The one tenant it is about; nil for all.
    public let tenant: TenantID?

    /// Describes an endpoint.
    public init(
        id: WebhookID? = nil,
        url: String,
        kinds: Set<QuotaNotification.Kind> = [],
        tenant: TenantID? = nil
    ) {
        self.id = id
        self.url = url
        self.kinds = kinds
        self.tenant = tenant
    }
}

extension QuotaNode {
    /// The webhook endpoints, by id.
    public func webhooks() async throws(NodeError) -> [WebhookEndpoint] {
        try await asking { () async throws(LedgerError) in try await ledger.endpoints() }
            .map(shown)
    }

    /// A webhook endpoint.
    public func webhook(_ id: WebhookID) async throws(NodeError) -> WebhookEndpoint {
        shown(try await stored(id))
    }

    private func stored(_ id: WebhookID) async throws(NodeError) -> WebhookEndpoint {
        let all = try await asking { () async throws(LedgerError) in
            try await ledger.endpoints()
        }
        guard let found = all.first(where: { $0.id == id }) else { throw .noWebhook(id) }
        return found
    }

    /// An endpoint without a previous secret that is over.
    private func shown(_ endpoint: WebhookEndpoint) -> WebhookEndpoint {
        var endpoint = endpoint
        if let end = endpoint.previousSecretUntil, end <= now { endpoint.previousSecretUntil = nil }
        return endpoint
    }

    /// Creates a webhook endpoint.
    ///
    /// Its secret is none that an endpoint of this id had before: the first version is the instant.
    ///
    /// - Throws: `alreadyExists`, `conflict` where there are as many as there may be, and `invalid`
    ///   for a tenant that does not exist.
    public func create(
        _ new: NewWebhook,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> WebhookEndpoint {
        try await checkTenant(new.tenant)
        let now = now
        let endpoint = WebhookEndpoint(
            id: new.id ?? WebhookID(trusted: "wh_" + Base62.random(16, random)), url: new.url,
            kinds: new.kinds, tenant: new.tenant, secretVersion: max(1, now.nanoseconds),
            pepperVersion: peppers[0].version, createdAt: now)
        let answer = try await run(
            .createEndpoint(endpoint),
            note?.note(subject: endpoint.id.text, tenant: endpoint.tenant))
        switch answer {
        case .changed: return endpoint
        case .outOfRange:
            throw .conflict(
                "there are \(WebhookEndpoint.maximumCount) webhook endpoints already; delete one "
                    + "first")
        default: throw .alreadyExists("webhook endpoint \"\(endpoint.id.text)\"")
        }
    }

    /// Changes a webhook endpoint; one that is active forgets why it was disabled.
    ///
    /// - Parameters:
    ///   - id: the endpoint.
    ///   - note: what is kept of the change.
    ///   - change: what is changed; may be called again.
    /// - Returns: the endpoint as it is now.
    /// - Throws: `notFound`, and `invalid` for a tenant that does not exist.
    public func updateWebhook(
        _ id: WebhookID,
        note: AuditDraft? = nil,
        _ change: (inout WebhookEndpoint) -> Void
    ) async throws(NodeError) -> WebhookEndpoint {
        while true {
            let known = try await stored(id)
            var endpoint = known
            change(&endpoint)
            if endpoint.status == .active { endpoint.failure = nil }
            if endpoint.tenant != known.tenant { try await checkTenant(endpoint.tenant) }
            let answer = try await run(
                .updateEndpoint(endpoint, replacing: known),
                note?.note(subject: id.text, tenant: endpoint.tenant))
            switch answer {
            case .changed: return shown(endpoint)
            case .stale: continue
            default: throw .noWebhook(id)
            }
        }
    }

    /// Gives a webhook endpoint a new secret; the old one signs too for a while longer.
    ///
    /// Both come from the same pepper: only without an overlap, or where the endpoint's pepper is
    /// gone, is the newest one taken. A secret that was rotated before ends at once.
    public func rotateWebhook(
        _ id: WebhookID,
        overlapSeconds: Int64,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> WebhookEndpoint {
        let now = now
        return try await updateWebhook(id, note: note) { endpoint in
            endpoint.secretVersion &+= 1
            if overlapSeconds > 0, pepper(version: endpoint.pepperVersion) != nil {
                let overlap = Int64(clamping: Int128(overlapSeconds) * 1_000_000_000)
                endpoint.previousSecretUntil = now.adding(nanoseconds: overlap)
            } else {
                endpoint.previousSecretUntil = nil
                endpoint.pepperVersion = peppers[0].version
            }
        }
    }

    /// Deletes a webhook endpoint, with its deliveries.
    public func deleteWebhook(
        _ id: WebhookID,
        note: AuditDraft? = nil
    ) async throws(NodeError) {
        let answer = try await run(.deleteEndpoint(id), note?.note(subject: id.text))
        guard case .changed = answer else { throw .noWebhook(id) }
    }

    private func checkTenant(_ id: TenantID?) async throws(NodeError) {
        guard let id else { return }
        do throws(NodeError) {
            _ = try await tenant(id)
        } catch {
            guard case .tenantNotFound = error else { throw error }
            throw .invalid(field: "tenant", "\"\(id.text)\" does not exist")
        }
    }
}

// What became of the notifications.
extension QuotaNode {
    /// The deliveries to an endpoint, in the order in which they were written.
    public func deliveries(_ page: DeliveryPage) async throws(NodeError) -> [NotifiedDelivery] {
        _ = try await stored(page.endpoint)
        return try await asking { () async throws(LedgerError) in
            try await ledger.deliveries(page)
        }
    }

    /// Has notifications delivered to an endpoint once more, under the ids that they had.
    ///
    /// - Parameters:
    ///   - replay: which ones; the first ``ReplayCommand/maximum`` of them are taken.
    ///   - after: only those after the message of this id.
    ///   - id: where to.
    ///   - note: what is kept of it, by their number.
    /// - Returns: how many there were, and where to go on.
    /// - Throws: `notFound`; `invalid` for messages that there are not, or about a tenant that the
    ///   endpoint is not for.
    public func replay(
        _ replay: WebhookReplay,
        after: String? = nil,
        to id: WebhookID,
        note: ((Int) -> AuditDraft)? = nil
    ) async throws(NodeError) -> ReplayedMessages {
        let endpoint = try await stored(id)
        var start: Int64 = 0
        if let after {
            guard let place = QuotaNotification.number(ofID: after) else {
                throw .invalid(field: "after", "must be the id of a message, msg_…")
            }
            start = place
        }
        let found = try await notifications(replay, after: start, for: endpoint)
        let chosen = found.prefix(ReplayCommand.maximum)
        if !chosen.isEmpty {
            let command = ReplayCommand(endpoint: id, numbers: chosen.map(\.number))
            let answer = try await run(
                .replay(command),
                note?(chosen.count).note(subject: id.text, tenant: endpoint.tenant))
            guard case .changed = answer else {
                throw .conflict(
                    "webhook endpoint \"\(id.text)\" was deleted meanwhile, or a message was "
                        + "forgotten since it is too old; ask again")
            }
        }
        return ReplayedMessages(
            count: chosen.count, last: found.count > chosen.count ? chosen.last?.id : nil)
    }

    /// What is to be replayed: more than ``ReplayCommand/maximum`` where there is more.
    private func notifications(
        _ replay: WebhookReplay,
        after: Int64,
        for endpoint: WebhookEndpoint
    ) async throws(NodeError) -> [QuotaNotification] {
        let limit = ReplayCommand.maximum + 1
        switch replay {
        case .messages(let ids):
            var numbers: Set<Int64> = []
            var found: [QuotaNotification] = []
            for id in ids {
                let notification = try await notification(id, for: endpoint)
                if notification.number > after, numbers.insert(notification.number).inserted {
                    found.append(notification)
                }
            }
            return found.sorted { $0.number < $1.number }
        case .deliveries(let state):
            let page = DeliveryPage(
                endpoint: endpoint.id, state: state, after: after, limit: limit)
            return try await asking { () async throws(LedgerError) in
                try await ledger.deliveries(page)
            }
            .map(\.notification)
        case .since(let start):
            return try await notifications(since: start, after: after, for: endpoint, limit)
        }
    }

    private func notification(
        _ id: String,
        for endpoint: WebhookEndpoint
    ) async throws(NodeError) -> QuotaNotification {
        var found: QuotaNotification?
        if let number = QuotaNotification.number(ofID: id) {
            let page = NotificationPage(after: number - 1, limit: 1)
            found = try await asking { () async throws(LedgerError) in
                try await ledger.notifications(page).first
            }
        }
        guard let found, found.id == id else {
            throw .invalid(
                field: "deliveries", "names no message: there is no \"\(id.prefix(64))\"")
        }
        if let tenant = endpoint.tenant, !endpoint.mayHear(of: found.tenant) {
            throw .invalid(
                field: "deliveries",
                "names \"\(id)\", which is not about tenant \"\(tenant.text)\" of the endpoint")
        }
        return found
    }

    /// Goes through all that are kept, since a clock that was set back leaves them out of order.
    private func notifications(
        since start: Timestamp,
        after: Int64,
        for endpoint: WebhookEndpoint,
        _ limit: Int
    ) async throws(NodeError) -> [QuotaNotification] {
        let pageSize = 1_000
        var found: [QuotaNotification] = []
        var last = after
        while found.count < limit {
            let page = NotificationPage(
                tenant: endpoint.tenant, kinds: endpoint.kinds, after: last, limit: pageSize)
            let next = try await asking { () async throws(LedgerError) in
                try await ledger.notifications(page)
            }
            found += next.filter { $0.at >= start }
            guard next.count == pageSize, let end = next.last?.number else { break }
            last = end
        }
        return Array(found.prefix(limit))
    }
}

extension NodeError {
    fileprivate static func noWebhook(_ id: WebhookID) -> NodeError {
        .notFound("webhook endpoint \"\(id.text)\"")
    }
}
