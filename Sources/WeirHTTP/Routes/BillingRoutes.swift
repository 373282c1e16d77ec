import HTTPTypes
import Hummingbird
import Logging
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// What bills are made from: the export of usage, and what it cost.
struct BillingRoutes: Sendable {
    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/usage/export", to: router, export)
        routes.addAdmin(.get, "/api/admin/usage/costs", to: router, costs)
    }

    /// The dates of a question: this month until today unless it says otherwise.
    private func dates(
        _ query: inout Query
    ) throws(Problem) -> (first: CivilDate, last: CivilDate) {
        let last = try query.date("to") ?? node.now.date
        let beginning = CivilDate(year: last.year, month: last.month, day: 1) ?? last
        let first = try query.date("from") ?? beginning
        guard first <= last else { throw .invalidQuery("from", "must not be after \"to\"") }
        return (first, last)
    }

    // MARK: Export

    private func export(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let (first, last) = try dates(&query)
        let tenant = try query.identifier("tenant", TenantID.self)
        let format = try query.choice("format", UsageFile.Format.self) ?? .csv
        try query.finish()
        let node = node
        try await routes.asking { () async throws(NodeError) in
            if let tenant { _ = try await node.tenant(tenant) }
            // Once, and not again for each page.
            if request.head.method != .head { try await node.foldIfPossible() }
        }
        var answer = APIAnswer(.ok, headers: [.contentType: format.mediaType])
        answer.headers[.contentDisposition] =
            "attachment; filename=\"usage-\(first)-\(last).\(format.rawValue)\""
        answer.headers[.cacheControl] = "no-store"
        if request.head.method == .head { return answer }
        let export = UsageExport(node: node, tenant: tenant, first: first, last: last)
        answer.stream = BodyStream(UsageFile(export, as: format, logger: routes.logger))
        return answer
    }

    // MARK: Costs

    private func costs(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let (first, last) = try dates(&query)
        let tenant = try query.identifier("tenant", TenantID.self)
        let grouping = try query.choice("group_by", CostSums.Grouping.self) ?? .tenant
        let page = try ListPage(&query)
        var after: CostSums.Place?
        if let place = try page.place(3) {
            after = CostSums.Place(
                tenant: TenantID(trusted: place[0]),
                row: place[1].isEmpty
                    ? nil
                    : UsageSumPage.Place(group: place[2], meter: MeterID(trusted: place[1])))
        }
        let sums = CostSums(
            node: node, tenant: tenant, first: first, last: last, grouping: grouping)
        let found = try await routes.asking { () async throws(NodeError) in
            if let tenant { _ = try await node.tenant(tenant) }
            try await node.foldIfPossible()
            return try await sums.page(after: after, limit: page.limit)
        }
        return page.answer(
            found.rows,
            next: found.next.map {
                Cursor.place($0.tenant.text, $0.row?.meter.text ?? "", $0.row?.group ?? "")
            },
            head: { writer in
                writer.member("from", first.description)
                writer.member("to", last.description)
                writer.member("group_by", grouping.rawValue)
            },
            write: { $0.write(grouping, to: &$1) })
    }
}

extension CostSums.Row {
    fileprivate func write(_ grouping: CostSums.Grouping, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenant", tenant.text)
            switch grouping {
            case .tenant: break
            case .key: writer.member("key", group)
            case .model: writer.member("model", group.isEmpty ? nil : group)
            }
            writer.member("meter", meter.text)
            writer.member("currency", Money.currency(of: meter))
            writer.member("cost", Money.text(nano: sum.units))
            writer.member("cost_nano", sum.units)
            writer.member("requests", sum.postings)
        }
    }
}
