import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/v1/explain`: the whole of a decision, and what became of it.
struct ExplainRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.add(.get, "/api/v1/explain/:decision_id", to: router, explain)
    }

    private func explain(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        let id = try request.pathIdentifier("decision_id", DecisionID.self).text
        var query = try request.query()
        let named = try query.identifier("tenant", TenantID.self)
        try query.finish()
        if case .key(let own, let tenant) = caller {
            guard named == nil || named == tenant else {
                throw .forbidden("an API key speaks for its own tenant; leave out \"tenant\"")
            }
            guard own.status(at: node.now) == .active else {
                throw .forbidden("the key is suspended")
            }
        }
        let tenant = caller.tenant ?? named
        if let story = routes.explanations.story(id), let decision = story.decision(id),
            tenant == nil || decision.tenant == tenant
        {
            return await answer(decision, story, caller)
        }
        guard let tenant else { throw missing(id, isTenantKnown: false) }
        return try await answer(booked: id, tenant, caller)
    }

    // MARK: From memory

    private func answer(
        _ decision: Decision,
        _ story: ExplanationLog.Story,
        _ caller: Caller
    ) async -> APIAnswer {
        var reservation: Reservation?
        if let id = story.reservation {
            // How it stands now; the decision can be told without it.
            reservation = try? await node.reservation(id, tenant: decision.tenant)
        }
        return .json(capacity: 2_048) { writer in
            decision.writeMembers(to: &writer)
            writer.member("violated-policies", decision.violated)
            if let reservation {
                writer.object("reservation") { reservation.writeMembers(to: &$0) }
            }
            if let request = story.request {
                writer.name("request")
                request.write(showsBackends: caller.seesBackends, to: &writer)
            }
        }
    }

    // MARK: From the ledger

    /// What was booked for a decision of which nothing else is known any more.
    private func answer(
        booked id: String,
        _ tenant: TenantID,
        _ caller: Caller
    ) async throws(Problem) -> APIAnswer {
        let decision = ExactString(id)
        let events: [UsageEvent]
        do throws(NodeError) {
            events = try await node.events(ofDecision: id, tenant: tenant) { event in
                ExactString(event.id) == decision || event.namesDecision(decision)
            }
        } catch .tenantNotFound {
            throw missing(id, isTenantKnown: true)
        } catch {
            throw Problem(error)
        }
        guard !events.isEmpty else { throw missing(id, isTenantKnown: true) }
        return .json(capacity: 2_048) { writer in
            writer.member("decision_id", id)
            writer.member("tenant", tenant.text)
            writer.member("allowed", true)
            writer.array("events") { writer in
                for event in events {
                    event.write(to: &writer, showsBackend: caller.seesBackends)
                }
            }
        }
    }

    private func missing(_ id: String, isTenantKnown: Bool) -> Problem {
        let most = routes.explanations.maximumDecisions
        let kept =
            most == 0
            ? "decisions are not kept (explain_decisions is 0)"
            : "the newest \(most) refusals, reservations and decisions of the gateway are kept, "
                + "until the server stops"
        let events = "/api/admin/tenants/{id}/events"
        let hint =
            isTenantKnown
            ? "settled use is listed by \(events)"
            : "with \"tenant\" its settled use is looked for too, which \(events) lists"
        return Problem(.notFound, "there is no decision \"\(id)\" here: \(kept); \(hint)")
    }
}

/// The id of a decision, as callers write it.
private typealias DecisionID = Identifier<Decision>

extension Caller {
    /// Whether the addresses of backends, and what they say of themselves, are the caller's
    /// business: not a tenant's.
    fileprivate var seesBackends: Bool {
        if case .key = self { return false }
        return true
    }
}

extension UsageEvent {
    /// Whether the note of a settlement says that this was booked for a decision.
    fileprivate func namesDecision(_ id: ExactString) -> Bool {
        guard let metadata, let note = try? JSONValue(parsing: metadata.utf8),
            let named = note["decision_id"]?.stringValue
        else { return false }
        return ExactString(named) == id
    }
}
