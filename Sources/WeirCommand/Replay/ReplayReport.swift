import QuotaModel
import WeirClient

/// What a replay found, for programs (as JSON) and for people (as text).
struct ReplayReport: JSONReport {
    struct Latency: Encodable {
        var p50: Double
        var p90: Double
        var p99: Double
        var max: Double

        init(_ recorder: LatencyRecorder) {
            p50 = recorder.milliseconds(percentile: 50)
            p90 = recorder.milliseconds(percentile: 90)
            p99 = recorder.milliseconds(percentile: 99)
            max = recorder.maximumMilliseconds
        }
    }

    struct Refusal: Encodable {
        var limit: String
        var reason: String
        var rows: Int
    }

    struct Tenant: Encodable {
        var tenant: String
        var rows: Int
        var admitted: Int
        var refused: Int
        var refusals: [Refusal]
        var rejected: Int
        var unknown: Int
        var tokensReserved: Int64
        var tokensSettled: Int64
        var tokensOverage: Int64
        /// In the trace's time; nil when it never ran out.
        var firstRefusedAt: String?
    }

    struct Check: Encodable {
        var equal: Bool
        var tenants: Int
        var budgets: Int
        var dailySums: Int
        var differences: [String]
        var notes: [String]

        init(_ verification: Verification) {
            equal = verification.isEqual
            tenants = verification.tenants
            budgets = verification.budgets
            dailySums = verification.dailySums
            differences = verification.differences
            notes = verification.notes
        }
    }

    var run: String
    var trace: String
    var plan: String
    var server: String
    var rows: Int
    var seconds: Double
    var rowsPerSecond: Double
    var admitted: Int
    var refused: Int
    var rejected: Int
    var unknown: Int
    var retries: Int
    var replayedAnswers: Int
    var serverRestarts: Int
    var tokensReserved: Int64
    var tokensSettled: Int64
    var tokensOverage: Int64
    var reserveMs: Latency
    var settleMs: Latency
    var problems: [String]
    var tenants: [Tenant]
    var ledger: Check

    init(
        run: ReplayRun, trace: String, plan: String, server: String, serverRestarts: Int,
        tally: ReplayTally, elapsed: Duration, verification: Verification
    ) {
        self.run = run.name
        self.trace = trace
        self.plan = plan
        self.server = server
        self.serverRestarts = serverRestarts
        rows = tally.rows
        seconds = elapsed / .seconds(1)
        rowsPerSecond = seconds > 0 ? Double(tally.rows) / seconds : 0
        admitted = tally.admitted
        refused = tally.refused
        rejected = tally.rejected
        unknown = tally.unknown
        retries = tally.retries
        replayedAnswers = tally.replayedAnswers
        tokensReserved = tally.tenants.reduce(0) { $0 + $1.reservedTokens }
        tokensSettled = tally.tenants.reduce(0) { $0 + $1.settledTokens }
        tokensOverage = tally.tenants.reduce(0) { $0 + $1.overageTokens }
        reserveMs = Latency(tally.reserveLatency)
        settleMs = Latency(tally.settleLatency)
        problems = tally.problems
        tenants = tally.tenants.map(Tenant.init)
        ledger = Check(verification)
    }
}

extension ReplayReport.Tenant {
    init(_ tally: TenantTally) {
        self.init(
            tenant: tally.tenant,
            rows: tally.rows,
            admitted: tally.admitted,
            refused: tally.refused,
            refusals: tally.refusals
                .map { .init(limit: $0.key.limit, reason: $0.key.reason, rows: $0.value) }
                .sorted { ($0.limit, $0.reason) < ($1.limit, $1.reason) },
            rejected: tally.rejected,
            unknown: tally.unknown,
            tokensReserved: tally.reservedTokens,
            tokensSettled: tally.settledTokens,
            tokensOverage: tally.overageTokens,
            firstRefusedAt: tally.firstRefusedAt?.description)
    }
}
