import WeirClient

/// What a replay through the gateway found, for programs (as JSON) and for people (as text).
struct ChatReport: JSONReport {
    struct Tenant: Encodable {
        var tenant: String
        var plan: String
        var rows: Int
        var answered: Int
        var refused: Int
        var tokens: Int64
        /// In billionths of a unit of money.
        var cost: Int64?
    }

    var run: String
    var trace: String
    var gateway: String
    var seconds: Double
    var tenants: [Tenant]
    var chatMs: ReplayReport.Latency
    var problems: [String]
    /// Whether Weir booked what the backends said, to the token.
    var ledger: ReplayReport.Check
    private let table: String

    private enum CodingKeys: String, CodingKey {
        case run, trace, gateway, seconds, tenants, chatMs, problems, ledger
    }

    init(
        _ table: ChatTable, trace: String, gateway: String, elapsed: Duration,
        verification: Verification
    ) {
        let tally = table.tally
        run = table.run.name
        self.trace = trace
        self.gateway = gateway
        seconds = elapsed / .seconds(1)
        tenants = tally.tenants.enumerated()
            .map { index, tenant in
                Tenant(
                    tenant: tenant.tenant, plan: table.run.plan(of: index, table.plans),
                    rows: tenant.rows, answered: tenant.admitted, refused: tenant.refused,
                    tokens: tenant.settledTokens, cost: table.costs[tenant.tenant])
            }
        chatMs = ReplayReport.Latency(tally.chatLatency)
        problems = tally.problems
        ledger = ReplayReport.Check(verification)
        self.table = table.text
    }

    /// The report for people.
    var text: String {
        let seconds = TextTable.decimal(seconds, digits: 1)
        let times = [chatMs.p50, chatMs.p99, chatMs.max]
            .map { TextTable.decimal($0, digits: 1) }
        var lines = [
            "\(tenants.reduce(0) { $0 + $1.rows }) chats in \(seconds) s, run \(run);"
                + " answers took \(times[0]) ms (half), \(times[1]) ms (99 of 100),"
                + " \(times[2]) ms (the longest)"
        ]
        lines += problems.map { "problem: \($0)" }
        lines += ledger.lines(
            equal: "booked = what the backends say they used, to the token",
            different: "BOOKED AND USED ARE NOT SHOWN TO BE EQUAL")
        return table + lines.joined(separator: "\n")
    }
}
