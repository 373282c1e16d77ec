import HTTPTypes
import Hummingbird
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// Lists for administrators: periods, usage, events, what is held, what is suspect, who did what.
struct ReportRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/tenants/:id/periods", to: router, periods)
        routes.addAdmin(.get, "/api/admin/tenants/:id/usage", to: router, usage)
        routes.addAdmin(.get, "/api/admin/tenants/:id/events", to: router, events)
        routes.addAdmin(.get, "/api/admin/reservations", to: router, reservations)
        routes.addAdmin(.get, "/api/admin/suspect", to: router, suspect)
        routes.addAdmin(.get, "/api/admin/audit", to: router, audit)
    }

    /// Only of this meter, which must exist.
    private func meter(_ query: inout Query) throws(Problem) -> MeterID? {
        guard let meter = try query.identifier("meter", MeterID.self) else { return nil }
        guard node.meters[meter] != nil else {
            throw .invalidQuery("meter", "names no meter: \"\(meter.text)\" does not exist")
        }
        return meter
    }

    private func periods(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        var query = try request.query()
        let meter = try meter(&query)
        let window = try query.choice("window", Window.self)
        let page = try ListPage(&query)
        var after: PeriodRecord.Place?
        if let place = try page.place(2) {
            after = PeriodRecord.Place(
                start: Timestamp(nanoseconds: try place[0].integer()),
                limit: ExactString(place[1]))
        }
        let wanted = PeriodPage(
            tenant: tenant, meter: meter, window: window, after: after, limit: page.limit + 1)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.periods(wanted)
        }
        return page.answer(
            found,
            id: { Cursor.place(String($0.place.start.nanoseconds), $0.place.limit.text) },
            write: { $0.write(to: &$1) })
    }

    private func usage(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        var query = try request.query()
        let today = node.now.date
        let last = try query.date("to") ?? today
        let beginning = CivilDate(year: last.year, month: last.month, day: 1) ?? last
        let first = try query.date("from") ?? beginning
        let grouping = try query.choice("group_by", UsageSumPage.Grouping.self) ?? .day
        let meter = try meter(&query)
        let page = try ListPage(&query)
        guard first <= last else { throw .invalidQuery("from", "must not be after \"to\"") }
        var after: UsageSumPage.Place?
        if let place = try page.place(2) {
            after = UsageSumPage.Place(group: place[0], meter: MeterID(trusted: place[1]))
        }
        let wanted = UsageSumPage(
            tenant: tenant, first: first, last: last, grouping: grouping, meter: meter,
            after: after, limit: page.limit + 1)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.usageSums(wanted)
        }
        return page.answer(
            found,
            head: { writer in
                writer.member("tenant", tenant.text)
                writer.member("from", first.description)
                writer.member("to", last.description)
                writer.member("group_by", grouping.rawValue)
            },
            id: { Cursor.place($0.group, $0.meter.text) },
            write: { $0.write(grouping, to: &$1) })
    }

    private func events(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let tenant = try request.pathIdentifier("id", TenantID.self)
        var query = try request.query()
        let meter = try meter(&query)
        let key = try query.identifier("key", APIKeyID.self)
        let start = try query.instant("from", endOfDay: false) ?? .distantPast
        let end = try query.instant("to", endOfDay: true) ?? .distantFuture
        let page = try ListPage(&query)
        guard start <= end else { throw .invalidQuery("from", "must not be after \"to\"") }
        var after: EventPage.Place?
        if let place = try page.place(3) {
            after = EventPage.Place(
                admittedAt: Timestamp(nanoseconds: try place[0].integer()), id: place[1],
                meter: MeterID(trusted: place[2]))
        }
        let wanted = EventPage(
            tenant: tenant, start: start, end: end, meter: meter, key: key, after: after,
            limit: page.limit + 1)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.events(wanted)
        }
        return page.answer(
            found,
            id: { Cursor.place(String($0.admittedAt.nanoseconds), $0.id, $0.meter.text) },
            write: { $0.write(to: &$1) })
    }

    private func reservations(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        let page = try ListPage(&query)
        var after: ReservationPlace?
        if let place = try page.place(2) {
            after = ReservationPlace(
                expiresAt: Timestamp(nanoseconds: try place[0].integer()),
                id: ReservationID(trusted: place[1]))
        }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.heldReservations(of: tenant, after: after, limit: page.limit + 1)
        }
        return page.answer(
            found, id: { Cursor.place(String($0.expiresAt.nanoseconds), $0.id.text) },
            write: { reservation, writer in
                writer.object { reservation.writeMembers(to: &$0) }
            })
    }

    private func suspect(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        let page = try ListPage(&query)
        var after: GrantID?
        if let text = page.after {
            guard let grant = GrantID(text) else { throw ListPage.foreignCursor }
            after = grant
        }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.suspectGrants(of: tenant, after: after, limit: page.limit + 1)
        }
        return page.answer(
            found, id: \.grant.id.text, write: { $0.write(to: &$1) })
    }

    private func audit(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let filter = AuditFilter(
            tenant: try query.identifier("tenant", TenantID.self),
            action: query.string("action"),
            subject: query.string("subject"))
        let page = try ListPage(&query)
        let before = try page.after?.integer()
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.audit(filter, before: before, limit: page.limit + 1)
        }
        return page.answer(found, id: { String($0.number) }, write: { $0.write(to: &$1) })
    }
}

extension String {
    /// A number that is part of a cursor.
    fileprivate func integer() throws(Problem) -> Int64 {
        guard let value = Int64(self) else { throw ListPage.foreignCursor }
        return value
    }
}

extension PeriodRecord {
    fileprivate func write(to writer: inout JSONWriter) {
        let account = record.account
        writer.object { writer in
            writer.member("limit_id", record.key.limit.text)
            writer.member("meter", record.meter.text)
            writer.member("window", record.window.rawValue)
            writer.member("start", record.period.start.unlessEndless)
            writer.member("end", record.period.end.unlessEndless)
            writer.member("state", account.state.rawValue)
            writer.member("limit", account.quantity)
            writer.member("used", account.used)
            writer.member("held", account.escrowed)
            writer.member("suspect", account.suspect)
            writer.member("posted", account.posted)
            writer.member("remaining", account.quantity.map { max(0, $0 - account.used) })
            writer.member("on_top", account.extra)
            writer.member("carried", record.terms?.closing?.carried)
            writer.member("expired", record.terms?.closing?.expired)
            writer.member("overage", record.terms?.closing?.overage)
            writer.member("rule", record.rule)
            writer.member("closed_at", closedAt?.truncatedToMilliseconds)
        }
    }
}

extension UsageGroup {
    fileprivate func write(_ grouping: UsageSumPage.Grouping, to writer: inout JSONWriter) {
        writer.object { writer in
            switch grouping {
            case .day: writer.member("date", group)
            case .key: writer.member("key", group)
            case .model: writer.member("model", group.isEmpty ? nil : group)
            case .meter: break
            case .dayKeyModel:
                let parts = group.split(separator: "\t", omittingEmptySubsequences: false)
                writer.member("date", String(parts[0]))
                writer.member("key", String(parts[1]))
                writer.member("model", parts[2].isEmpty ? nil : String(parts[2]))
            }
            writer.member("meter", meter.text)
            writer.member("units", sum.units)
            writer.member("requests", sum.postings)
        }
    }
}

extension UsageEvent {
    /// Writes what the API shows.
    ///
    /// - Parameters:
    ///   - writer: where it is written.
    ///   - showsBackend: whether a note of the gateway is shown with its backend.
    func write(to writer: inout JSONWriter, showsBackend: Bool = true) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("meter", meter.text)
            writer.member("units", units)
            writer.member("overage", overage)
            writer.member("key", key.text)
            writer.member("model", model?.text)
            writer.member("admitted_at", admittedAt)
            writer.member("posted_at", postedAt)
            writer.member("adjusts", adjusts)
            writer.member("idempotency_key", idempotencyKey?.text)
            if let metadata {
                writer.raw(
                    "metadata", (showsBackend ? metadata : metadata.withoutBackend).utf8)
            } else {
                writer.null("metadata")
            }
        }
    }
}

extension String {
    /// A note of the gateway without the address of its backend; anything else as it is.
    fileprivate var withoutBackend: String {
        guard case .object(var note)? = try? JSONValue(parsing: utf8),
            note["decision_id"] != nil, note["backend"] != nil
        else { return self }
        note["backend"] = nil
        return String(decoding: JSONValue.object(note).encodedBytes, as: UTF8.self)
    }
}

extension SuspectGrant {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("grant", grant.id.text)
            writer.member("tenant", tenant.text)
            writer.member("limit_id", account.key.limit.text)
            writer.member("meter", meter.text)
            switch holding {
            case .reservation(let id):
                writer.member("reservation", id.text)
                writer.null("holder")
            case .node(_, let state):
                writer.null("reservation")
                writer.member("holder", state.rawValue)
            }
            writer.member("size", grant.size)
            writer.member("posted", grant.posted)
            writer.member("returned", grant.returned)
            writer.member("suspect", grant.rest)
            writer.member("period_start", account.periodStart.unlessEndless)
        }
    }
}

extension AuditEntry {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("number", number)
            writer.member("at", at.truncatedToMilliseconds)
            writer.member("actor", note.actor)
            writer.member("action", note.action)
            writer.member("subject", note.subject)
            writer.member("tenant", note.tenant?.text)
            writer.member("reason", note.reason)
            if let details = note.details {
                writer.raw("details", details.utf8)
            } else {
                writer.null("details")
            }
        }
    }
}
