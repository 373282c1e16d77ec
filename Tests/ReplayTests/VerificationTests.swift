import QuotaModel
import Testing
import WeirClient

@testable import WeirCommand

struct VerificationTests {
    private var verification = Verification(
        start: Timestamp("2026-11-21T10:00:00Z")!, end: Timestamp("2026-11-21T10:05:00Z")!)

    @Test mutating func equalSumsHold() {
        verification.check(tally(admitted: 3, tokens: 700), usage(calls: 3, tokens: 700))
        #expect(verification.isEqual)
        #expect(verification.budgets == 2)
    }

    @Test(arguments: [
        (2, 700, 0, 0), (3, 701, 0, 0), (3, 699, 0, 0), (3, 700, 1, 0), (3, 700, 0, 1),
    ])
    func oneUnitMore(calls: Int64, tokens: Int64, held: Int64, suspect: Int64) {
        var verification = verification
        verification.check(
            tally(admitted: 3, tokens: 700),
            usage(calls: calls, tokens: tokens, held: held, suspect: suspect))
        #expect(!verification.isEqual)
        #expect(!verification.differences.isEmpty)
    }

    @Test mutating func saysWhichBudgetDiffers() {
        verification.check(tally(admitted: 3, tokens: 700), usage(calls: 3, tokens: 650))
        #expect(
            verification.differences == [
                "t tenant:ai_tokens/month used: ledger 650, admitted 700"
            ])
    }

    @Test mutating func unknownOutcomesKeepItFromHolding() throws {
        var tally = ReplayTally(tenants: ["replay-x-0001"])
        let trace = try Trace(
            csv: Array("\(Trace.header)\n2023-11-16 18:15:46,1,1".utf8), name: "t")
        let run = ReplayRun(name: "x", trace: trace, tenants: 1, seed: 1, estimate: 0)
        tally.record(0, of: run, .unknown("reserve: no answer"))
        verification.checkOutcomes(tally)
        #expect(!verification.isEqual)
        #expect(verification.differences.isEmpty)
    }

    @Test func aMonthThatEndsIsNotCompared() {
        var verification = Verification(
            start: Timestamp("2026-11-30T23:59:59Z")!, end: Timestamp("2026-12-01T00:00:00Z")!)
        verification.check(tally(admitted: 3, tokens: 700), usage(calls: 1, tokens: 2))
        #expect(verification.differences.isEmpty)
        #expect(!verification.isEqual)
        #expect(verification.notes.first?.contains("a UTC month ended during the run") == true)
    }

    @Test mutating func aBudgetThatIsNotShownIsNotedOnlyWhenUsed() {
        let none = UsageAnswer(tenant: "t", limits: [])
        verification.check(tally(admitted: 0, tokens: 0), none)
        #expect(verification.isEqual)
        verification.check(tally(admitted: 1, tokens: 5), none)
        #expect(!verification.isEqual)
    }

    @Test mutating func ratesAndOtherScopesAreNotCompared() {
        var usage = usage(calls: 3, tokens: 700)
        usage.limits.append(limit("api_calls", "minute", used: 1))
        var key = limit("api_calls", "month", used: 1)
        key.scope = "key"
        usage.limits.append(key)
        verification.check(tally(admitted: 3, tokens: 700), usage)
        #expect(verification.isEqual)
    }

    @Test(arguments: [
        ("day", "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z", false),
        ("week", "2026-11-21T00:00:00Z", "2026-11-22T23:59:59Z", true),
        ("week", "2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z", false),
        ("month", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z", true),
        ("month", "2025-11-30T00:00:00Z", "2026-11-30T00:00:00Z", false),
        ("year", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", true),
        ("year", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", false),
        ("lifetime", "2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z", true),
    ])
    func windows(name: String, start: String, end: String, same: Bool) {
        #expect(
            BudgetWindow(rawValue: name)?.contains(Timestamp(start)!, Timestamp(end)!) == same)
    }

    @Test func dailySumsSkipSpentBudgets() throws {
        var daily = DailyUsage()
        daily.add(try page(#"{"tenants":{"a":5,"b":"EXCEEDED","other":9}}"#), of: ["a", "b", "c"])
        daily.add(try page(#"{"tenants":{"a":2,"b":1},"next_offset":2}"#), of: ["a", "b", "c"])
        #expect(daily.sum("a") == 7)
        #expect(daily.sum("b") == nil)
        #expect(daily.sum("c") == 0)
    }

    @Test func findsTheNextOffsetInBothPlaces() throws {
        #expect(try page(#"{"tenants":{},"next_offset":2}"#).nextOffset == 2)
        #expect(try page(#"{"tenants":{},"statistics":{"next_offset":3}}"#).nextOffset == 3)
        #expect(try page(#"{"tenants":{},"statistics":{"next_offset":null}}"#).nextOffset == nil)
    }

    private func page(_ json: String) throws -> DailyUsageAnswer {
        try APIAnswer(status: 200, body: Array(json.utf8)).decode()
    }

    private func tally(admitted: Int, tokens: Int64) -> TenantTally {
        var tally = TenantTally(tenant: "t")
        tally.admitted = admitted
        tally.settledTokens = tokens
        return tally
    }

    private func usage(
        calls: Int64, tokens: Int64, held: Int64 = 0, suspect: Int64 = 0
    ) -> UsageAnswer {
        UsageAnswer(
            tenant: "t",
            limits: [
                limit("api_calls", "month", used: calls),
                limit("ai_tokens", "month", used: tokens, held: held, suspect: suspect),
            ])
    }

    private func limit(
        _ meter: String, _ window: String, used: Int64, held: Int64 = 0, suspect: Int64 = 0
    ) -> UsageAnswer.Limit {
        UsageAnswer.Limit(
            id: "tenant:\(meter)/\(window)", meter: meter, scope: "tenant", window: window,
            used: used, held: held, suspect: suspect)
    }
}
