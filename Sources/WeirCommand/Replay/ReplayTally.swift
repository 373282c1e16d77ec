import QuotaModel
import WeirClient

/// The outcomes of a replay's rows, counted as they come.
struct ReplayTally: Sendable {
    /// How many problems are kept in words.
    private static let maximumProblems = 10

    private(set) var tenants: [TenantTally]
    private(set) var rows = 0
    private(set) var admitted = 0
    private(set) var refused = 0
    private(set) var retries = 0
    private(set) var replayedAnswers = 0
    /// The first rows that were neither admitted nor refused, with the reason.
    private(set) var problems: [String] = []
    var reserveLatency = LatencyRecorder()
    var settleLatency = LatencyRecorder()
    var chatLatency = LatencyRecorder()

    init(tenants: [String]) {
        self.tenants = tenants.map { TenantTally(tenant: $0) }
    }

    var rejected: Int { tenants.reduce(0) { $0 + $1.rejected } }
    var unknown: Int { tenants.reduce(0) { $0 + $1.unknown } }

    mutating func record(_ row: Int, of run: ReplayRun, _ outcome: RowOutcome) {
        let index = run.tenantOfRow[row]
        rows += 1
        tenants[index].rows += 1
        switch outcome {
        case .admitted:
            admitted += 1
            let (reserved, settled) = (run.reservedTokens(row), run.settledTokens(row))
            tenants[index].admitted += 1
            tenants[index].reservedTokens += reserved
            tenants[index].settledTokens += settled
            tenants[index].overageTokens += max(0, settled - reserved)
        case .refused(let limit, let reason):
            refused += 1
            tenants[index].refusals[.init(limit: limit, reason: reason), default: 0] += 1
            let time = run.rows[row].timestamp
            tenants[index].firstRefusedAt = min(tenants[index].firstRefusedAt ?? time, time)
        case .rejected(let why):
            tenants[index].rejected += 1
            keep("row \(row + 1) of \(run.tenants[index]): \(why)")
        case .unknown(let why):
            tenants[index].unknown += 1
            keep("row \(row + 1) of \(run.tenants[index]): \(why)")
        }
    }

    /// Records what came of a row that was sent through the gateway.
    mutating func record(_ row: Int, of run: ReplayRun, _ reply: ChatReply, took: Duration) {
        switch reply {
        case .answered(let tokens):
            let index = run.tenantOfRow[row]
            rows += 1
            admitted += 1
            tenants[index].rows += 1
            tenants[index].admitted += 1
            tenants[index].settledTokens += tokens
            chatLatency.record(took)
        case .refused(let limit, let reason):
            record(row, of: run, .refused(limit: limit, reason: reason))
        case .rejected(let why): record(row, of: run, .rejected(why))
        case .unknown(let why): record(row, of: run, .unknown(why))
        }
    }

    /// Counts requests that were sent again.
    mutating func countRetries(_ count: Int) {
        retries += count
    }

    /// Counts an answer the server had stored for an earlier request with the same key.
    mutating func countReplayedAnswer() {
        replayedAnswers += 1
    }

    private mutating func keep(_ problem: String) {
        if problems.count < Self.maximumProblems { problems.append(problem) }
    }
}
