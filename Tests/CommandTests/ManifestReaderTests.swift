import StrictJSON
import Testing

@testable import WeirCommand

/// Manifests, read strictly.
struct ManifestReaderTests {
    private let reader = ManifestReader(path: "plans.yaml")

    @Test func allKindsInTheOrderInWhichTheyAreApplied() throws {
        let entries = try reader.entries(
            """
            overrides:
            - {tenant: acme, meter: ai_tokens, window: month, limit: null, periods: 2}
            tenants:
            - id: acme
              plan: team
              organization: ~
              time_zone: Africa/Lagos
            organizations:
            meters:
            - {id: gpu_seconds, kind: counter, record: hourly}
            plans:
            - id: team
              limits:
              - {meter: ai_tokens, window: month, limit: 5_000_000, warn: false}
            """)
        #expect(entries.map(\.kind) == [.meter, .plan, .tenant, .override])
        #expect(entries.map(\.line) == [10, 12, 4, 2])
        #expect(
            entries.map { JSONValue.object($0.members).description } == [
                #"{"id":"gpu_seconds","kind":"counter","record":"hourly"}"#,
                #"{"id":"team","limits":[{"meter":"ai_tokens","window":"month","limit":5000000,"#
                    + #""warn":false}]}"#,
                #"{"id":"acme","plan":"team","organization":null,"time_zone":"Africa/Lagos"}"#,
                #"{"tenant":"acme","meter":"ai_tokens","window":"month","limit":null,"periods":2}"#,
            ])
        #expect(entries[3].path == ["tenants", "acme", "overrides", "ai_tokens", "month"])
        #expect(entries[3].title == "override ai_tokens/month of tenant acme")
    }

    @Test(arguments: ["no", "0123", "1.10", "true", "2026-01-01", "'null'", "1_0"])
    func idsAreTextsWhateverYAMLTakesThemFor(id: String) throws {
        let entry = try #require(try reader.entries("tenants: [{id: \(id)}]").first)
        #expect(entry.id == String(id.filter { $0 != "'" }))
    }

    @Test(arguments: [
        ("", "plans.yaml is empty"), ("- a", "line 1: the manifest must be a mapping"),
        ("tenants:\n- {id: a}\nplanz: []", #"line 3: unknown key "planz"; did you mean "plans"?"#),
        (
            "tenants:\n- id: a\n  time_zon: UTC",
            #"line 3: unknown key "time_zon"; did you mean "time_zone"?"#
        ),
        (
            "plans:\n- id: p\n  limits:\n  - {meter: m, window: day, limit: 1, soft: 5}",
            #"line 4: unknown key "limits[0].soft"; known are: meter, scope,"#
        ),
        ("tenants: {id: a}", #"line 1: "tenants" must be a list"#),
        ("tenants:\n- plan: free", #"line 2: a tenant needs "id""#),
        ("tenants: [{id: null}]", #"a tenant needs "id""#),
        ("tenants: [{id: [a]}]", #""id" must be a text"#),
        (
            "overrides: [{tenant: a, meter: m, window: day, limit: 1.5}]",
            #""limit" must be an integer"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: day, limit: '5'}]",
            #""limit" must be an integer"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: day}]",
            #"an override needs "limit" or "multiplier_percent""#
        ),
        (
            "overrides:\n- {tenant: a, meter: m, window: day, limit: 1, starts_at:"
                + " 2027-01-01T00:00:00Z}\n- {tenant: a, meter: m, window: day, limit: 2,"
                + " starts_at: '2027-01-01T01:00:00+01:00'}",
            "line 3: override m/day of tenant a from 2027-01-01T01:00:00+01:00 stands on line 2 too"
        ),
        ("tenants: [{id: a, trial: pro}]", #""trial" must be a mapping"#),
        ("tenants: [{id: a, trial: {plan: pro}}]", #""trial" needs "ends_at""#),
        (
            "tenants: [{id: a, scheduled_plan: {plan: pro, on: x}}]",
            #"unknown key "scheduled_plan.on"; known are: plan, at"#
        ),
        (
            "plans: [{id: p, limits: [{meter: m, window: day, limit: 1, rollover: {caps: 1}}]}]",
            #"unknown key "limits[0].rollover.caps"; did you mean "cap"?"#
        ),
        (
            "plans: [{id: p, limits: [{meter: m, window: day, limit: 1, rollover: {}}]}]",
            #""limits[0].rollover" needs "cap""#
        ),
        (
            "plans: [{id: p, limits: [{meter: m, window: day, limit: 1, thresholds: [a]}]}]",
            #""limits[0].thresholds[0]" must be an integer"#
        ),
        (
            "plans: [{id: p, limits: [{meter: m, window: day, limit: 1}, {meter: m, window: day}]}]",
            #""limits[1]" needs "limit""#
        ),
        (
            "organizations: [{id: o, limits: [{meter: m, window: day, limit: 1,"
                + " rollover: {cap: {units: x}}}]}]",
            #""limits[0].rollover.cap.units" must be an integer"#
        ),
        ("organizations: [{id: o, billing_boundaries: [[a]]}]", #""billing_boundaries[0]" must"#),
        (
            "overrides:\n- {tenant: a, meter: m, window: day, limit: null,"
                + " multiplier_percent: 150}",
            "line 2: an override has \"limit\" (null is unlimited) or"
        ),
        ("plans: [{id: p, limits: 5}]", #""limits" must be a list of limits"#),
        (
            "plans: [{id: p, limits: [{meter: m, window: day, limit: 1, warn: yes}]}]",
            #""limits[0].warn" must be true or false"#
        ),
        ("tenants:\n- {id: a}\n- {id: b}\n- {id: a}", "line 4: tenant a stands on line 2 too"),
        ("tenants: [", "plans.yaml is not valid YAML"),
        ("tenants: [{id: a, curency: NGN}]", #"did you mean "currency"?"#),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, message: String) {
        let failure = #expect(throws: CommandFailure.self) { try reader.entries(text) }
        #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
    }

    @Test func nullLeavesAMemberOpenUnlessItIsAValue() throws {
        let entries = try reader.entries(
            """
            plans: [{id: p, name: null, weight: null, limits: []}]
            organizations: [{id: o, limits: null}]
            tenants: [{id: a, currency: null, organization: null, status: ~, billing_anchor: null}]
            overrides: [{tenant: a, meter: m, window: day, limit: null, periods: null}]
            """)
        #expect(
            entries.map { $0.members.members.map(\.name) } == [
                ["id", "limits"], ["id"], ["id", "organization", "billing_anchor"],
                ["tenant", "meter", "window", "limit"],
            ])
    }

    @Test func whatBillingAdds() throws {
        let entries = try reader.entries(
            """
            plans:
            - id: p
              limits:
              - meter: m
                window: month
                limit: 5_000_000
                rollover: {cap: {total: 10_000_000}, max_age_periods: null}
                thresholds: [50, 80]
              - {meter: m, window: day, limit: 1, rollover: {cap: null}}
            tenants:
            - {id: a, plan: p, plan_at: now, trial: {plan: no, ends_at: 2027-01-01T00:00:00Z}}
            - {id: b, scheduled_plan: null, trial: ~}
            overrides:
            - {tenant: a, meter: m, window: day, multiplier_percent: 150, author: sales,
               starts_at: 2027-01-01T00:00:00Z}
            """)
        #expect(
            entries.map { JSONValue.object($0.members).description } == [
                #"{"id":"p","limits":[{"meter":"m","window":"month","limit":5000000,"rollover":"#
                    + #"{"cap":{"total":10000000},"max_age_periods":null},"thresholds":[50,80]},"#
                    + #"{"meter":"m","window":"day","limit":1,"rollover":{"cap":null}}]}"#,
                #"{"id":"a","plan":"p","plan_at":"now","trial":{"plan":"no","#
                    + #""ends_at":"2027-01-01T00:00:00Z"}}"#,
                #"{"id":"b","scheduled_plan":null,"trial":null}"#,
                #"{"tenant":"a","meter":"m","window":"day","multiplier_percent":150,"#
                    + #""author":"sales","starts_at":"2027-01-01T00:00:00Z"}"#,
            ])
        let override = try #require(entries.last)
        #expect(
            override.lookup.target
                == "/api/admin/tenants/a/overrides/m/day?starts_at=2027-01-01T00%3A00%3A00Z")
        #expect(override.title == "override m/day of tenant a from 2027-01-01T00:00:00Z")
    }

    @Test func aPlanFromAFileOfItsOwn() throws {
        let yaml = "id: pro\nweight: 4\nlimits:\n- {meter: m, window: day, limit: null}\n"
        let call = try PlanCommand.Put.call(yaml, path: "p.yaml")
        #expect(call.target == "/api/admin/plans/pro")
        #expect(call.method == .put)
        let fromJSON = try PlanCommand.Put.call(
            #"{"id":"pro","weight":4,"limits":[{"meter":"m","window":"day","limit":null}]}"#,
            path: "p.json")
        #expect(call == fromJSON)
    }
}
