import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/quota`: the administration of the cache and the day's usage.
struct QuotaAdminRoutes: Sendable {
    /// The most tenants that one request warms.
    static let maximumWarmed = 10_000
    /// How long a failure of the store counts: a minute, in nanoseconds.
    private static let failureNanoseconds: Int64 = 60_000_000_000

    let routes: APIRoutes
    let readiness: Readiness

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/quota/stats", to: router, stats)
        routes.addAdmin(.get, "/api/admin/quota/usage", to: router, usage)
        routes.addAdmin(.post, "/api/admin/quota/cache/warm", to: router, warm)
        routes.addAdmin(.post, "/api/admin/quota/cache/clear", to: router, clear)
        routes.addAdmin(.get, "/api/admin/quota/health", to: router, health)
    }

    private func stats(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        try request.query().finish()
        let statistics = node.statistics
        let storage = try await storage()
        return .json { writer in
            writer.member("success", true)
            writer.object("stats") { writer in
                writer.member("cache_hits", statistics.hits)
                writer.member("cache_misses", statistics.misses)
                writer.member("total_requests", statistics.total)
                writer.member("hit_rate_percent", statistics.hitRatePercent)
                writer.member("cache_size", Int64(statistics.cacheSize))
                writer.member("cache_max_size", Int64(statistics.maximumCacheSize))
                // There is no Redis under the embedded store; its own calls are the misses.
                writer.member("redis_calls", Int64(0))
                writer.member("enforced", node.settings.isEnforced)
                writePerformance(statistics, to: &writer)
                write(storage, to: &writer)
            }
        }
    }

    private func health(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        try request.query().finish()
        let statistics = node.statistics
        var found: LedgerStatistics?
        do {
            found = try await node.ledgerStatistics()
        } catch {
            found = nil
        }
        let storage = found
        let hasFailed =
            statistics.lastFailureAt.map {
                node.now.nanoseconds(since: $0) < Self.failureNanoseconds
            } ?? false
        let status =
            storage == nil || !readiness.isReady
            ? "unhealthy" : hasFailed ? "degraded" : "healthy"
        return .json { writer in
            writer.member("status", status)
            writer.object("checks") { writer in
                writer.member("redis_connection", "disabled")
                writer.member("ledger", storage == nil || hasFailed ? "error" : "ok")
                writer.member("enforced", node.settings.isEnforced)
                writePerformance(statistics, to: &writer)
                if let storage { write(storage, to: &writer) }
            }
        }
    }

    private func storage() async throws(Problem) -> LedgerStatistics {
        try await routes.asking { () async throws(NodeError) in try await node.ledgerStatistics() }
    }

    private func write(_ storage: LedgerStatistics, to writer: inout JSONWriter) {
        let megabytes = Double(storage.sizeBytes) / 1_048_576
        writer.object("hash_storage") { writer in
            writer.member("tenant_count", Int64(storage.tenants))
            writer.member("estimated_size_mb", (megabytes * 100).rounded() / 100)
        }
    }

    private func writePerformance(_ statistics: NodeStatistics, to writer: inout JSONWriter) {
        writer.object("cache_performance") { writer in
            writer.member("hit_rate_percent", statistics.hitRatePercent)
            writer.member("status", Self.verdict(statistics))
        }
    }

    /// A few decisions say nothing about a cache.
    private static func verdict(_ statistics: NodeStatistics) -> String {
        if statistics.total < 1_000 { return "no_data" }
        if statistics.hitRatePercent > 80 { return "good" }
        return statistics.hitRatePercent >= 60 ? "acceptable" : "poor"
    }

    // MARK: Usage

    private func usage(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let limit = try query.integer("limit", in: 1...ListPage.maximumLimit) ?? 100
        let offset = try query.integer("offset", in: 0...Int(Int32.max))
        let cursor = try query.cursor("cursor")
        let list = query.list
        let date = try query.date("date_str") ?? node.now.date
        let meter = try query.identifier("meter", MeterID.self) ?? Meter.apiCalls.id
        try query.finish()
        if cursor != nil, offset != nil {
            throw .invalidQuery("offset", "can't be combined with cursor; send one of them")
        }
        let page = UsagePage(
            after: cursor.map { TenantID(trusted: $0) }, offset: offset ?? 0, limit: limit)
        let listing = try await routes.asking { () async throws(NodeError) in
            try await node.usageListing(of: meter, on: date, page: page)
        }
        return .json(capacity: 4096) { writer in
            writer.member("success", true)
            writer.member("date", date.description)
            writer.member("meter", meter.text)
            writer.object("tenants") { write(listing, to: &$0) }
            writer.object("statistics") { writer in
                let totals = listing.totals
                writer.member("total_tenants", Int64(totals.tenants))
                writer.member("exceeded_tenants", Int64(totals.exceeded))
                writer.member("active_tenants", Int64(totals.tenants - totals.exceeded))
                writer.member("limit", Int64(limit))
                writer.member("truncated", listing.isTruncated)
                guard listing.isTruncated, let last = listing.rows.last else { return }
                if cursor == nil {
                    writer.member("next_offset", Int64((offset ?? 0) + listing.rows.count))
                }
                writer.member("next_cursor", Cursor.encode(last.tenant.text, list: list))
            }
        }
    }

    private func write(_ listing: UsageListing, to writer: inout JSONWriter) {
        for row in listing.rows {
            writer.name(named: row.tenant.text)
            if let until = row.exceededUntil, until > listing.exceededAt {
                writer.value("EXCEEDED")
            } else {
                writer.value(row.units)
            }
        }
    }

    // MARK: Cache

    private func warm(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json())
        let values = try body.required(try body.array("tenant_ids"), "tenant_ids")
        // Tenants have their plan; the studied system needed to be told.
        _ = try body.identifier("plan_type", PlanID.self)
        _ = try request.reason(&body)
        try body.finish()
        guard values.count <= Self.maximumWarmed else {
            throw body.invalid("tenant_ids", "must have at most \(Self.maximumWarmed) elements")
        }
        var tenants: [TenantID] = []
        for (index, value) in values.enumerated() {
            guard let text = value.stringValue, let id = try? TenantID(text) else {
                throw .invalid(
                    "tenant_ids[\(index)] must be a tenant's id: 1 to 256 bytes, no controls",
                    at: .root.member("tenant_ids").element(index))
            }
            tenants.append(id)
        }
        let ids = tenants
        let answer = try await routes.asking { () async throws(NodeError) in
            try await node.warm(ids)
        }
        return .json { writer in
            writer.member("success", true)
            writer.member("warmed", Int64(answer.warmed))
            writer.member("not_found", answer.notFound.map(\.text))
        }
    }

    private func clear(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var body = try BodyReader(try await request.json(emptyIsObject: true))
        let reason = try request.reason(&body)
        try body.finish()
        let dropped = try await routes.asking { () async throws(NodeError) in
            try await node.clearCaches(note: routes.draft("cache.clear", reason: reason))
        }
        routes.logChange("cache.clear", "all", reason: reason)
        return .json { writer in
            writer.member("success", true)
            writer.member("cleared", Int64(dropped))
        }
    }
}
