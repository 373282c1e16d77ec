import QuotaModel

/// The check that the ledger equals what was admitted, to the token.
///
/// For every tenant and meter each budget must show exactly what the replay settled, nothing
/// held and nothing suspect. It holds only when every row has a known outcome.
struct Verification: Equatable, Sendable {
    private(set) var tenants = 0
    private(set) var budgets = 0
    /// Sums that the daily figures confirmed.
    private(set) var dailySums = 0
    /// Each place where the ledger differs, in words.
    private(set) var differences: [String] = []
    /// What could not be compared, and why.
    private(set) var notes: [String] = []

    var isEqual: Bool { differences.isEmpty && notes.isEmpty }

    private let start: Timestamp
    private let end: Timestamp

    /// - Parameters:
    ///   - start: before the first request.
    ///   - end: after the last answer that is compared.
    init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// Rows that ended without a known outcome keep the check from holding.
    mutating func checkOutcomes(_ tally: ReplayTally) {
        if tally.unknown > 0 {
            note("\(tally.unknown) rows have an unknown outcome: no answer came in time")
        }
        if tally.rejected > 0 {
            note("\(tally.rejected) rows were rejected by the server as wrong requests")
        }
    }

    /// Compares one tenant's budgets.
    mutating func check(_ tally: TenantTally, _ usage: UsageAnswer) {
        tenants += 1
        for meter in Meters.all {
            let expected = tally.settled(meter)
            var found = false
            for limit in usage.limits where limit.meter == meter && limit.scope == "tenant" {
                guard let window = BudgetWindow(rawValue: limit.window) else { continue }
                found = true
                guard window.contains(start, end) else {
                    note("a UTC \(window) ended during the run: \(limit.id) starts anew there")
                    continue
                }
                budgets += 1
                compare("\(tally.tenant) \(limit.id) used", limit.used, expected)
                compare("\(tally.tenant) \(limit.id) held", limit.held, 0)
                compare("\(tally.tenant) \(limit.id) suspect", limit.suspect, 0)
            }
            if !found, expected > 0 {
                note("no budget of \(meter) is shown for \(tally.tenant): nothing to compare")
            }
        }
    }

    /// Compares one tenant's sum of the daily figures.
    mutating func check(_ tally: TenantTally, meter: String, daily: DailyUsage) {
        guard let sum = daily.sum(tally.tenant) else { return }
        dailySums += 1
        compare("\(tally.tenant) \(meter) by date", sum, tally.settled(meter))
    }

    private mutating func compare(_ what: String, _ ledger: Int64, _ expected: Int64) {
        if ledger != expected {
            differences.append("\(what): ledger \(ledger), admitted \(expected)")
        }
    }

    private mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }
}
