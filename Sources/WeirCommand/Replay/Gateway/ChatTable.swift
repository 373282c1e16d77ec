import QuotaModel
import WeirClient

/// Who asked for what, and what came of it, tenant by tenant.
struct ChatTable {
    /// How many tenants are shown.
    static let shownTenants = 12

    var run: ReplayRun
    var plans: [String]
    var tally: ReplayTally
    /// What each tenant was charged, in billionths of a unit of money; nil where nobody knows.
    var costs: [String: Int64]

    /// The lines, each ending in a newline.
    var text: String {
        var table = TextTable([
            ("tenant", .left), ("plan", .left), ("requests", .right), ("answered", .right),
            ("tokens", .right), ("cost", .right), ("refused", .left),
        ])
        for (index, tenant) in tally.tenants.prefix(Self.shownTenants).enumerated() {
            table.add([
                tenant.tenant, run.plan(of: index, plans), "\(tenant.rows)", "\(tenant.admitted)",
                "\(tenant.settledTokens)", Self.money(costs[tenant.tenant]), Self.words(tenant),
            ])
        }
        table.add([
            "all \(tally.tenants.count)", "", "\(tally.rows)", "\(tally.admitted)",
            "\(tally.tenants.reduce(0) { $0 + $1.settledTokens })",
            Self.money(costs.isEmpty ? nil : costs.values.reduce(0, &+)),
            tally.refused == 0 ? "" : "\(tally.refused)",
        ])
        return table.text
    }

    private static func money(_ nano: Int64?) -> String {
        guard let nano else { return "-" }
        return TextTable.decimal(Double(nano) / 1e9, digits: 6)
    }

    private static func words(_ tenant: TenantTally) -> String {
        let refusals = tenant.refusals.sorted {
            ($0.value, $1.key.limit, $1.key.reason) > ($1.value, $0.key.limit, $0.key.reason)
        }
        return refusals.map { "\($0.value) by \($0.key.limit) (\($0.key.reason))" }
            .joined(separator: ", ")
    }
}
