import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/whatif` and `/api/admin/shadow`: whom limits would refuse that do not hold yet.
struct WhatIfRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.post, "/api/admin/whatif", to: router, whatIf)
        routes.addAdmin(.get, "/api/admin/shadow", to: router, shadow)
    }

    private func whatIf(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let question = try WhatIfBody.question(
            try await request.json(), now: node.now, meters: node.meters)
        let run = try await routes.asking { () async throws(NodeError) in
            try await node.beginWhatIf(question)
        }
        var answer = APIAnswer(.ok, headers: [.contentType: "application/json"])
        answer.stream = BodyStream(WhatIfParts(run, logger: routes.logger))
        return answer
    }

    private func shadow(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        try query.finish()
        let refusals = node.shadowRefusals
        return .json { writer in
            writer.member("since", refusals.since.truncatedToMilliseconds)
            writer.array("refusals") { writer in
                for row in refusals.rows where tenant == nil || row.tenant == tenant {
                    row.write(to: &writer)
                }
            }
            writer.member("truncated", refusals.isTruncated)
        }
    }
}
