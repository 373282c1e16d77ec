import HTTPTypes
import Hummingbird
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// What administrators do to a tenant's limits by hand: overrides, resets, evidence, corrections.
struct CorrectionRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        let override: RouterPath = "/api/admin/tenants/:id/overrides/:meter/:window"
        routes.addAdmin(.get, "/api/admin/overrides", to: router, allOverrides)
        routes.addAdmin(.get, "/api/admin/tenants/:id/overrides", to: router, overrides)
        routes.addAdmin(.get, override, to: router, showOverride)
        routes.addAdmin(.put, override, to: router, putOverride)
        routes.addAdmin(.delete, override, to: router, deleteOverride)
        routes.addAdmin(.post, "/api/admin/tenants/:id/reset", to: router, reset)
        routes.addAdmin(.post, "/api/admin/suspect/:grant/resolve", to: router, resolve)
        routes.addAdmin(.post, "/api/admin/adjustments", to: router, adjust)
    }

    // MARK: Overrides

    private func allOverrides(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        try await overrides(of: nil, ListPage(request))
    }

    private func overrides(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        return try await overrides(of: tenant, ListPage(request))
    }

    private func overrides(
        of tenant: TenantID?,
        _ page: ListPage
    ) async throws(Problem) -> APIAnswer {
        var after: LimitOverride.ID?
        if let place = try page.place(4) {
            after = LimitOverride.ID(
                tenant: TenantID(trusted: place[0]), meter: MeterID(trusted: place[1]),
                window: try place[2].window(),
                startsAt: Int64(place[3]).map(Timestamp.init(nanoseconds:)))
        }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.overrides(of: tenant, after: after, limit: page.limit + 1)
        }
        let now = node.now
        return page.answer(
            found,
            id: {
                Cursor.place(
                    $0.id.tenant.text, $0.id.meter.text, $0.id.window.rawValue,
                    $0.id.startsAt.map { String($0.nanoseconds) } ?? "-")
            },
            write: { override, writer in
                writer.object { override.writeMembers(to: &$0, at: now) }
            })
    }

    private func id(
        _ request: APIRequest,
        startsAt: Timestamp? = nil
    ) throws(Problem) -> LimitOverride.ID {
        LimitOverride.ID(
            tenant: try request.pathIdentifier("id", TenantID.self),
            meter: try request.pathIdentifier("meter", MeterID.self),
            window: try request.pathIdentifier("window", Identifier<Never>.self).text.window(),
            startsAt: startsAt)
    }

    private func showOverride(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let id = try id(request, startsAt: try query.instant("starts_at", endOfDay: false))
        try query.finish()
        let override = try await routes.asking { () async throws(NodeError) in
            try await node.override(id)
        }
        return .json { override.writeMembers(to: &$0, at: node.now) }
    }

    private func putOverride(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let form = try Self.override(&body)
        let id = try id(request, startsAt: form.startsAt)
        let reason = try request.reason(&body)
        try body.finish()
        if let expiresAt = form.expiresAt, expiresAt <= node.now {
            throw body.invalid("expires_at", "must lie in the future")
        }
        if let createdAt = form.createdAt, createdAt > node.now {
            throw body.invalid("created_at", "must not lie in the future")
        }
        let draft = routes.draft("override.put", reason: reason) { writer in
            writer.member("meter", id.meter.text)
            writer.member("window", id.window.rawValue)
            writer.effect(form.effect)
            writer.member("starts_at", form.startsAt)
            writer.member("expires_at", form.expiresAt)
            writer.member("periods", form.periods)
            writer.member("author", form.author)
        }
        let put = try await routes.asking { () async throws(NodeError) in
            try await node.putOverride(
                id, effect: form.effect, expiresAt: form.expiresAt, periods: form.periods,
                author: form.author, createdAt: form.createdAt, note: draft)
        }
        routes.logChange("override.put", id.tenant.text, reason: reason)
        return .json(put.isNew ? .created : .ok) {
            put.override.writeMembers(to: &$0, at: node.now)
            if !put.warnings.isEmpty { $0.member("warnings", put.warnings) }
        }
    }

    /// An override as it is asked for.
    struct OverrideForm {
        let effect: LimitOverride.Effect
        let startsAt: Timestamp?
        let expiresAt: Timestamp?
        let periods: Int64?
        let author: String?
        let createdAt: Timestamp?
    }

    /// Reads an override.
    static func override(_ body: inout BodyReader) throws(Problem) -> OverrideForm {
        let percent = try body.integer("multiplier_percent", in: LimitOverride.multipliers)
        let quantity = try body.integer("limit", in: 0...Amount.maximum)
        // A null limit is an effect too: it is unlimited.
        if percent != nil, body.has("limit") {
            throw body.invalid(
                "multiplier_percent",
                "and limit exclude each other, also where limit is null, which is unlimited; "
                    + "leave one of them out")
        }
        guard percent != nil || body.has("limit") else {
            throw body.invalid(
                "limit", "is required; null is unlimited, and multiplier_percent stands in for it")
        }
        return OverrideForm(
            effect: percent.map { .multiplier(percent: $0) } ?? .quantity(quantity),
            startsAt: try body.timestamp("starts_at"),
            expiresAt: try body.timestamp("expires_at"),
            periods: try body.integer("periods", in: 1...LimitOverride.maximumPeriods),
            author: try body.name("author"),
            createdAt: try body.timestamp("created_at"))
    }

    private func deleteOverride(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json(emptyIsObject: true))
        let id = try id(request, startsAt: try body.timestamp("starts_at"))
        let reason = try request.reason(&body)
        try body.finish()
        let draft = routes.draft("override.delete", reason: reason) { writer in
            writer.member("meter", id.meter.text)
            writer.member("window", id.window.rawValue)
        }
        try await routes.asking { () async throws(NodeError) in
            try await node.deleteOverride(id, note: draft)
        }
        routes.logChange("override.delete", id.tenant.text, reason: reason)
        return APIAnswer(.noContent)
    }

    // MARK: Reset

    private func reset(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        var body = try BodyReader(try await request.json())
        let meter = try body.required(try body.identifier("meter", MeterID.self), "meter")
        let window = try body.required(try body.choice("window", Window.self), "window")
        let reason = try request.reason(&body)
        try body.finish()
        let id = LimitOverride.ID(tenant: tenant, meter: meter, window: window)
        let draft = routes.draft("limit.reset", reason: reason) { writer in
            writer.member("meter", meter.text)
            writer.member("window", window.rawValue)
        }
        let (closed, opened) = try await routes.asking { () async throws(NodeError) in
            try await node.reset(id, note: draft)
        }
        routes.logChange("limit.reset", tenant.text, reason: reason)
        return .json { writer in
            writer.member("tenant", tenant.text)
            writer.member("limit", "tenant:\(meter.text)/\(window.rawValue)")
            writer.period("closed", closed, showsUse: true)
            writer.period("opened", opened, showsUse: false)
        }
    }

    // MARK: Evidence and corrections

    private func resolve(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let text = try request.pathIdentifier("grant", Identifier<Never>.self).text
        var body = try BodyReader(try await request.json())
        let used = try body.required(try body.integer("used", in: 0...Amount.maximum), "used")
        let reason = try request.reason(&body)
        try body.finish()
        guard let grant = GrantID(text) else {
            throw Problem(.notFound, "there is no grant \"\(text)\"")
        }
        let draft = routes.draft("suspect.resolve", reason: reason) { $0.member("used", used) }
        let resolution = try await routes.asking { () async throws(NodeError) in
            try await node.resolve(grant, used: used, note: draft)
        }
        routes.logChange("suspect.resolve", text, reason: reason)
        switch resolution {
        case .reservation(let reservation): return .json { reservation.writeMembers(to: &$0) }
        case .lease(let lease): return .json { lease.writeMembers(to: &$0) }
        }
    }

    private func adjust(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let tenant = try body.required(try body.identifier("tenant", TenantID.self), "tenant")
        let meter = try body.required(try body.identifier("meter", MeterID.self), "meter")
        let amount = try body.required(
            try body.integer("amount", in: -Amount.maximum...Amount.maximum), "amount")
        if amount == 0 { throw body.invalid("amount", "must not be 0") }
        let key = try request.idempotencyKey(try body.idempotencyKey())
        let reason = try request.reason(&body)
        try body.finish()
        let draft = routes.draft("adjustment.create", reason: reason) { writer in
            writer.member("meter", meter.text)
            writer.member("amount", amount)
            writer.member("reason", reason)
        }
        let made = try await routes.asking(for: request) { () async throws(NodeError) in
            try await node.adjust(
                tenant, meter: meter, amount: amount, idempotencyKey: key.map(ExactString.init),
                note: draft)
        }
        routes.logChange("adjustment.create", made.id, reason: reason)
        var answer = APIAnswer.json(.created) { writer in
            writer.member("id", made.id)
            writer.member("tenant", tenant.text)
            writer.member("meter", meter.text)
            writer.member("amount", amount)
            writer.member("created_at", made.at.truncatedToMilliseconds)
            writer.member("limits", made.limits)
        }
        if !made.isNew { answer.headers[.idempotencyReplayed] = "true" }
        return answer
    }
}

extension String {
    /// A window by its name.
    func window() throws(Problem) -> Window {
        guard let window = Window(rawValue: self) else {
            let names = Window.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(
                .unprocessableContent, "the window in the path must be one of \(names)")
        }
        return window
    }
}

extension LimitOverride {
    func writeMembers(to writer: inout JSONWriter, at now: Timestamp) {
        writer.member("tenant", id.tenant.text)
        writer.member("meter", id.meter.text)
        writer.member("window", id.window.rawValue)
        writer.effect(effect)
        writer.member("starts_at", id.startsAt)
        writer.member("expires_at", expiresAt)
        writer.member("created_at", createdAt.truncatedToMilliseconds)
        writer.member("reason", reason)
        writer.member("author", author)
        writer.member("expired", isExpired(at: now))
    }
}

extension JSONWriter {
    /// What an override makes of a limit.
    fileprivate mutating func effect(_ effect: LimitOverride.Effect) {
        switch effect {
        case .quantity(let quantity): member("limit", quantity)
        case .multiplier(let percent): member("multiplier_percent", percent)
        }
    }
}

extension JSONWriter {
    /// A period that a reset closed or opened.
    fileprivate mutating func period(
        _ name: StaticString,
        _ record: AccountRecord?,
        showsUse: Bool
    ) {
        guard let record else { return null(name) }
        object(name) { writer in
            writer.member("start", record.period.start.unlessEndless)
            writer.member("end", record.period.end.unlessEndless)
            writer.member("limit", record.account.quantity)
            if showsUse { writer.member("used", record.account.used) }
        }
    }
}

extension Timestamp {
    /// This instant; nil for the ends of time.
    var unlessEndless: Timestamp? {
        self == .distantPast || self == .distantFuture ? nil : self
    }
}

extension LeaseRecord {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("grant", grant.id.text)
        writer.member("tenant", tenant.text)
        writer.member("limit_id", account.key.limit.text)
        writer.member("meter", meter.text)
        writer.member("state", grant.state.rawValue)
        writer.member("size", grant.size)
        writer.member("posted", grant.posted)
        writer.member("returned", grant.returned)
        writer.member("overage", grant.overage)
        writer.member("suspect", grant.state == .suspect ? grant.rest : 0)
        writer.member("period_start", account.periodStart.unlessEndless)
    }
}
