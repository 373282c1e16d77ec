import WeirClient

extension ReplayReport {
    /// How many tenants a table for people shows.
    private static let shownTenants = 20
    /// The report for people.
    var text: String {
        [tenantTable, totals, latencies, problemLines, checkLines]
            .filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var tenantTable: String {
        var table = TextTable([
            ("tenant", .left), ("rows", .right), ("admitted", .right), ("refused", .right),
            ("tokens", .right), ("overage", .right), ("ran out at (trace)", .left),
            ("refused by", .left),
        ])
        for tenant in tenants.prefix(Self.shownTenants) {
            table.add([
                tenant.tenant, "\(tenant.rows)", "\(tenant.admitted)", "\(tenant.refused)",
                "\(tenant.tokensSettled)", "\(tenant.tokensOverage)",
                tenant.firstRefusedAt ?? "-", Self.words(tenant.refusals),
            ])
        }
        let hidden = tenants.count - Self.shownTenants
        if hidden > 0 {
            let rest = tenants.dropFirst(Self.shownTenants)
            table.add([
                "(\(hidden) more)",
                "\(rest.reduce(0) { $0 + $1.rows })",
                "\(rest.reduce(0) { $0 + $1.admitted })",
                "\(rest.reduce(0) { $0 + $1.refused })",
                "\(rest.reduce(0) { $0 + $1.tokensSettled })",
                "\(rest.reduce(0) { $0 + $1.tokensOverage })",
                "", "",
            ])
        }
        table.add([
            "all \(tenants.count)", "\(rows)", "\(admitted)", "\(refused)", "\(tokensSettled)",
            "\(tokensOverage)", "", "",
        ])
        return table.text
    }

    private static func words(_ refusals: [Refusal]) -> String {
        refusals.map { "\($0.limit) \($0.reason) \($0.rows)" }.joined(separator: ", ")
    }

    private var totals: String {
        let seconds = TextTable.decimal(seconds, digits: 1)
        return """
            \(rows) rows in \(seconds) s, \(Int(rowsPerSecond)) rows/s; plan \(plan), run \(run)
            admitted \(admitted), refused \(refused), rejected \(rejected), unknown \(unknown)
            retries \(retries), stored answers received \(replayedAnswers), \
            server restarts \(serverRestarts)

            """
    }

    private var latencies: String {
        var table = TextTable([
            ("ms", .left), ("p50", .right), ("p90", .right), ("p99", .right), ("max", .right),
        ])
        for (name, latency) in [("reserve", reserveMs), ("settle", settleMs)] {
            table.add(
                [name]
                    + [latency.p50, latency.p90, latency.p99, latency.max]
                    .map { TextTable.decimal($0, digits: 2) })
        }
        return table.text
    }

    private var problemLines: String {
        problems.map { "problem: \($0)\n" }.joined()
    }

    private var checkLines: String {
        ledger.lines(
            equal: "ledger = admitted, to the token",
            different: "LEDGER AND ADMITTED ARE NOT SHOWN TO BE EQUAL"
        )
        .joined(separator: "\n")
    }
}

extension ReplayReport.Check {
    /// How many differences are shown.
    private static let shownDifferences = 20

    /// What was compared and what came of it, for people.
    func lines(equal isEqual: String, different: String) -> [String] {
        var lines = notes.map { "not compared: \($0)" }
        lines += differences.prefix(Self.shownDifferences).map { "differs: \($0)" }
        let hidden = differences.count - Self.shownDifferences
        if hidden > 0 { lines.append("(\(hidden) more differences)") }
        let compared =
            "\(budgets) budgets of \(tenants) tenants and \(dailySums) daily sums compared"
        lines.append("\(equal ? isEqual : different) (\(compared))")
        return lines
    }
}
