import QuotaModel
import StrictJSON
import Testing

@testable import WeirCommand

/// When a manifest's tenant is on the plan that it should be on.
struct ManifestPlanTests {
    private let now = Timestamp("2026-11-21T00:00:00Z")!

    private func diff(_ tenant: String, found: String?) throws -> ManifestDiff {
        let entries = try ManifestReader(path: "m.yaml").entries("tenants: [{id: a, \(tenant)}]")
        let found = try found.map { try json($0) }
        var diff = ManifestDiff()
        for entry in entries { diff.add(entry, found: found, now: now) }
        return diff
    }

    private static let free = #"{"plan":"free","trial":null,"scheduled_plan":null}"#
    /// What is left of a larger plan until the period ends.
    private static let leaving = #"""
        {"plan":"professional","trial":null,
        "scheduled_plan":{"plan":"free","at":"2026-12-01T00:00:00Z"}}
        """#
    private static let trying = #"""
        {"plan":"professional","trial":{"plan":"professional","ends_at":"2026-12-05T00:00:00Z"},
        "scheduled_plan":{"plan":"free","at":"2026-12-05T00:00:00Z"}}
        """#

    @Test(arguments: [
        ("plan: free", free), ("plan: free, plan_at: now", free),
        ("plan: free, plan_at: period_end, scheduled_plan: null, trial: null", free),
        ("plan: free", leaving), ("plan: free, plan_at: period_end", leaving),
        ("plan: free, scheduled_plan: null", leaving),
        ("plan: pro, scheduled_plan: {plan: free, at: '2026-12-01T01:00:00+01:00'}", leaving),
        ("name: null", leaving),
        ("plan: free", trying), ("scheduled_plan: null", trying),
        ("plan: free, trial: {plan: pro, ends_at: 2026-12-05T00:00:00Z}", trying),
        // As the server shows it.
        (
            "plan: professional, trial: {plan: professional, ends_at: 2026-12-05T00:00:00Z},"
                + " scheduled_plan: {plan: free, at: 2026-12-05T00:00:00Z}", trying
        ),
        // What is over.
        ("plan: free, trial: {plan: pro, ends_at: 2026-11-21T00:00:00Z}", free),
        ("plan: pro, scheduled_plan: {plan: free, at: 2026-11-20T00:00:00Z}", free),
    ])
    func isAsItShouldBe(tenant: String, found: String) throws {
        let diff = try diff(tenant, found: found)
        #expect(diff.steps.isEmpty, "\(diff.text)")
        #expect(diff.unchanged == 1)
    }

    @Test(arguments: [
        ("plan: starter", free, #"{"plan":"starter"}"#),
        ("plan: starter, plan_at: period_end", free, #"{"plan":"starter","plan_at":"period_end"}"#),
        // Who leaves a plan, and now does not, or at once.
        ("plan: pro", leaving, #"{"plan":"pro"}"#),
        ("plan: free, plan_at: now", leaving, #"{"plan":"free","plan_at":"now"}"#),
        (
            "plan: pro, scheduled_plan: null", leaving,
            #"{"plan":"pro","scheduled_plan":null}"#
        ),
        ("scheduled_plan: null", leaving, #"{"scheduled_plan":null}"#),
        (
            "plan: free, trial: {plan: pro, ends_at: 2026-12-05T00:00:00Z}", free,
            #"{"plan":"free","trial":{"plan":"pro","ends_at":"2026-12-05T00:00:00Z"}}"#
        ),
        ("trial: null", trying, #"{"trial":null}"#),
        // Who buys what is tried.
        ("plan: pro", trying, #"{"plan":"pro"}"#),
        // A plan that is set would drop the trial, were that not told again.
        (
            "plan: starter, trial: {plan: pro, ends_at: 2026-12-05T00:00:00Z}", trying,
            #"{"plan":"starter","trial":{"plan":"pro","ends_at":"2026-12-05T00:00:00Z"}}"#
        ),
        (
            "scheduled_plan: {plan: pro, at: 2027-01-01T00:00:00Z}", free,
            #"{"scheduled_plan":{"plan":"pro","at":"2027-01-01T00:00:00Z"}}"#
        ),
    ])
    func isToBeChanged(tenant: String, found: String, body: String) throws {
        let diff = try diff(tenant, found: found)
        let call = try #require(diff.steps.first?.call, "\(diff.text)")
        #expect(JSONValue.object(call.body ?? JSONObject()).description == body)
    }

    @Test func aNewTenantIsMadeWithoutWhatIsOver() throws {
        let diff = try diff(
            "plan: free, scheduled_plan: {plan: pro, at: 2026-01-01T00:00:00Z},"
                + " trial: {plan: team, ends_at: 2026-01-01T00:00:00Z}", found: nil)
        let call = try #require(diff.steps.first?.call)
        #expect(JSONValue.object(call.body!).description == #"{"id":"a","plan":"pro"}"#)
    }

    @Test func plansOfTheFutureAreLookedForToo() throws {
        let tenant =
            "plan: free, scheduled_plan: {plan: later, at: 2027-01-01T00:00:00Z},"
            + " trial: {plan: tried, ends_at: 2027-01-01T00:00:00Z}"
        let diff = try diff(tenant, found: nil)
        #expect(
            diff.references(outside: []).map(\.path) == [
                ["plans", "free"], ["plans", "tried"], ["plans", "later"],
            ])
    }

    @Test(arguments: [
        (
            "limit: null", #"{"multiplier_percent":150,"expired":false}"#,
            "limit: 150 % -> null", #"{"limit":null}"#
        ),
        (
            "multiplier_percent: 150", #"{"limit":5,"expired":false}"#,
            "multiplier_percent: 5 -> 150 %", #"{"multiplier_percent":150}"#
        ),
        // What the manifest leaves open stays.
        (
            "limit: 6",
            #"{"limit":5,"expires_at":"2027-01-01T00:00:00Z","author":"x","expired":false}"#,
            "limit: 5 -> 6", #"{"limit":6,"author":"x","expires_at":"2027-01-01T00:00:00Z"}"#
        ),
        (
            "limit: 6, author: y, periods: 2",
            #"{"limit":5,"expires_at":"2026-01-01T00:00:00Z","author":"x","expired":true}"#,
            "limit: 5 -> 6", #"{"limit":6,"periods":2,"author":"y"}"#
        ),
    ])
    func overrides(members: String, found: String, text: String, body: String) throws {
        let manifest = "overrides: [{tenant: a, meter: m, window: month, \(members)}]"
        var diff = ManifestDiff()
        for entry in try ManifestReader(path: "m.yaml").entries(manifest) {
            diff.add(entry, found: try json(found), now: now)
        }
        #expect(diff.text.contains("    \(text)\n"), "\(diff.text)")
        let call = try #require(diff.steps.first?.call)
        #expect(JSONValue.object(call.body!).description == body)
    }
}
