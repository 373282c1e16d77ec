import QuotaModel

/// All of a replay that is decided before the first request: who sends what, under which keys.
struct ReplayRun: Sendable {
    /// Sets this run apart from others on the same server.
    let name: String
    /// The tenants' ids, the busiest first.
    let tenants: [String]
    let rows: [TraceRow]
    /// For each row its tenant, an index of `tenants`.
    let tenantOfRow: [Int]
    /// Tokens reserved for a completion whose length is not known yet.
    let estimate: Int64

    init(name: String, trace: Trace, tenants count: Int, seed: UInt64, estimate: Int64) {
        self.name = name
        let width = max(4, String(count).count)
        tenants = (1...count).map { "replay-\(name)-\(zeroPadded($0, to: width))" }
        rows = trace.rows
        var assignment = ZipfAssignment(tenants: count, seed: seed)
        tenantOfRow = rows.map { _ in assignment.next() }
        self.estimate = estimate
    }

    /// Tokens to reserve before the request: at least 1, for an amount of 0 cannot be reserved.
    func reservedTokens(_ row: Int) -> Int64 {
        max(1, rows[row].promptTokens + estimate)
    }

    /// The plan of a tenant: the plans take turns.
    ///
    /// - Precondition: there is at least one plan.
    func plan(of tenant: Int, _ plans: [String]) -> String { plans[tenant % plans.count] }

    /// Tokens the request used in the end.
    func settledTokens(_ row: Int) -> Int64 {
        rows[row].promptTokens + rows[row].generatedTokens
    }

    /// The idempotency key of a row's reservation.
    func reserveKey(_ row: Int) -> String { "\(name)-\(row + 1)" }

    /// The idempotency key of a row's settlement.
    func settleKey(_ row: Int) -> String { "\(name)-\(row + 1)-settle" }

    /// Time from the first row to `row` in the trace, never negative.
    func offset(_ row: Int) -> Duration {
        .nanoseconds(max(0, rows[row].timestamp.nanoseconds(since: rows[0].timestamp)))
    }
}
