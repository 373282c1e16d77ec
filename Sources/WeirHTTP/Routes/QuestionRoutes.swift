import HTTPTypes
import Hummingbird
import QuotaEngine
import QuotaModel
import QuotaNode
import StrictJSON

/// Questions about a tenant: they charge and create nothing, and tell why.
struct QuestionRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.add(.get, "/api/v1/plan", to: router, plan)
        routes.add(.get, "/api/v1/effective-limit", to: router, effectiveLimit)
        routes.add(.get, "/api/v1/can-generate", to: router, canGenerate)
        routes.add(.get, "/api/v1/remaining-tokens", to: router, remainingTokens)
        routes.add(.get, "/api/v1/is-near-limit", to: router, isNearLimit)
    }

    // MARK: Plans and limits

    private func plan(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let about = try routes.subject(&query, of: caller)
        let resolved = try await routes.asking { () async throws(NodeError) in
            try await node.resolvePlan(about.tenant, key: about.key)
        }
        return .json { writer in
            about.write(to: &writer)
            writer.member("plan", resolved.plan.id.text)
            writer.member("named", resolved.named.text)
            writer.member("reason", resolved.reason.rawValue)
            writer.member("trial_ends_at", resolved.trialEndsAt)
            if let next = resolved.next {
                writer.object("next_change") { writer in
                    writer.member("plan", next.plan.canonical.text)
                    writer.member("at", next.since)
                    writer.member("reason", next.reason.rawValue)
                }
            } else {
                writer.null("next_change")
            }
        }
    }

    private func effectiveLimit(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let meter = try meter(&query)
        let window = try query.choice("window", Window.self)
        let about = try routes.subject(&query, of: caller)
        guard let meter else { throw .invalidQuery("meter", "is required") }
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.effectiveLimit(
                for: meter, window: window, tenant: about.tenant, key: about.key)
        }
        return .json(capacity: 1_024) { writer in
            about.write(to: &writer)
            writer.member("plan", found.plan.text)
            writer.member("as_of", found.asOf.truncatedToMilliseconds)
            writer.member("meter", meter.text)
            writer.member("window", found.window.rawValue)
            writer.member("source", found.source.rawValue)
            writer.member("limit", found.limit)
            writer.member("override", found.status?.override)
            writer.member("other_limits", found.others)
        }
    }

    // MARK: Tokens

    private func canGenerate(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let tokens = try query.integer("tokens", in: 1...Int(Amount.maximum)) ?? 1
        let model = try query.identifier("model", ModelName.self)
        let about = try routes.subject(&query, of: caller)
        let decision = try await routes.asking { () async throws(NodeError) in
            try await node.canGenerate(
                tokens: Int64(tokens), model: model, tenant: about.tenant, key: about.key)
        }
        return .json { writer in
            about.write(to: &writer)
            writer.member("plan", decision.plan.text)
            writer.member("as_of", decision.asOf.truncatedToMilliseconds)
            writer.member("model", model?.text)
            writer.member("tokens", Int64(tokens))
            writer.member("allowed", decision.isAllowed)
            writer.member("enforced", decision.isEnforced)
            if let refusal = decision.deniedBy {
                writer.object("denied_by") { refusal.writeMembers(to: &$0) }
            } else {
                writer.null("denied_by")
            }
            writer.member("warnings", decision.warnings)
        }
    }

    private func remainingTokens(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let model = try query.identifier("model", ModelName.self)
        let about = try routes.subject(&query, of: caller)
        let left = try await routes.asking { () async throws(NodeError) in
            try await node.remainingTokens(model: model, tenant: about.tenant, key: about.key)
        }
        return .json { writer in
            about.write(to: &writer)
            writer.member("plan", left.decision.plan.text)
            writer.member("as_of", left.decision.asOf.truncatedToMilliseconds)
            writer.member("model", model?.text)
            writer.member("remaining", left.units)
            writer.member("reason", left.reason.rawValue)
            writer.member("limit_id", left.tightest?.id)
            writer.member("reset_at", left.tightest?.resetAt)
        }
    }

    private func isNearLimit(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.caller(request)
        var query = try request.query()
        let meter = try meter(&query) ?? Meter.aiTokens.id
        let about = try routes.subject(&query, of: caller)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.nearLimits(of: meter, tenant: about.tenant, key: about.key)
        }
        return .json(capacity: 1_024) { writer in
            about.write(to: &writer)
            writer.member("plan", found.plan.text)
            writer.member("as_of", found.asOf.truncatedToMilliseconds)
            writer.member("meter", meter.text)
            writer.member("near", found.isNear)
            writer.member("limits", found.limits)
        }
    }

    private func meter(_ query: inout Query) throws(Problem) -> MeterID? {
        guard let meter = try query.identifier("meter", MeterID.self) else { return nil }
        guard node.meters[meter] != nil else {
            throw .invalidQuery("meter", Meter.missing(meter, known: node.meters))
        }
        return meter
    }
}
