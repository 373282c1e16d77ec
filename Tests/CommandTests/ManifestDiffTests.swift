import QuotaModel
import StrictJSON
import Testing

@testable import WeirCommand

/// What differs between a manifest and a server.
struct ManifestDiffTests {
    private let now = Timestamp("2026-11-21T00:00:00Z")!

    private func diff(_ manifest: String, found: String?) throws -> ManifestDiff {
        let entries = try ManifestReader(path: "m.yaml").entries(manifest)
        let found = try found.map { try json($0) }
        var diff = ManifestDiff()
        for entry in entries { diff.add(entry, found: found, now: now) }
        return diff
    }

    private static let plan = #"""
        {"id":"team","name":"Team","weight":2,"limits":[{"id":"tenant:ai_tokens/month",
        "meter":"ai_tokens","scope":"tenant","window":"month","limit":5,"burst":null,
        "soft_percent":80,"warn":true,"mode":"enforce","on_unavailable":"deny"},
        {"id":"tenant:api_calls/minute","meter":"api_calls","scope":"tenant","window":"minute",
        "limit":9,"burst":null,"soft_percent":80,"warn":true,"mode":"enforce",
        "on_unavailable":"allow_capped(9)"}]}
        """#

    @Test(arguments: [
        (
            "plans: [{id: team, limits: [{meter: ai_tokens, window: month, limit: 5},"
                + " {meter: api_calls, window: minute, limit: 9}]}]", plan
        ),
        (
            "plans: [{id: team, limits: [{meter: api_calls, window: minute, limit: 9, warn: true},"
                + " {meter: ai_tokens, window: month, limit: 5, scope: tenant, burst: null}]}]",
            plan
        ),
        (
            "tenants: [{id: a, plan: pro, billing_anchor: 2026-01-31}]",
            #"{"id":"a","plan":"professional","billing_anchor":"2026-01-31T00:00","name":"x"}"#
        ),
        (
            "tenants: [{id: a, organization: null, time_zone: null}]",
            #"{"id":"a","organization":null,"time_zone":"UTC"}"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: day, limit: 5,"
                + " expires_at: '2027-01-01T01:00:00+01:00'}]",
            #"{"tenant":"a","limit":5,"expires_at":"2027-01-01T00:00:00Z","expired":false}"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: month, limit: 5, periods: 2}]",
            #"{"tenant":"a","limit":5,"expires_at":"2027-01-01T00:00:00Z","expired":false}"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: month, limit: 5, periods: 2,"
                + " expires_at: 2027-06-01T00:00:00Z}]",
            #"{"tenant":"a","limit":5,"expires_at":"2027-01-01T00:00:00Z","expired":false}"#
        ),
        (
            "overrides: [{tenant: a, meter: m, window: month, limit: 5, periods: 2,"
                + " expires_at: null}]",
            #"{"tenant":"a","limit":5,"expires_at":"2027-01-01T00:00:00Z","expired":false}"#
        ),
        (
            "organizations: [{id: o, limits: [{meter: m, window: day, limit: null}]}]",
            #"{"id":"o","limits":[{"meter":"m","scope":"org","window":"day","limit":null}]}"#
        ),
        ("meters: [{id: m, kind: counter}]", #"{"id":"m","kind":"counter","record":"event"}"#),
        (
            "overrides: [{tenant: a, meter: m, window: day, multiplier_percent: 150,"
                + " starts_at: 2026-11-01T00:00:00Z, author: x}]",
            #"{"multiplier_percent":150,"starts_at":"2026-11-01T00:00:00Z","expires_at":null,"#
                + #""author":"x","reason":null,"expired":false}"#
        ),
        (
            "plans: [{id: p, limits: [{meter: m, window: month, limit: 5, thresholds: [90, 50, 90],"
                + " rollover: {cap: {percent: 50}}}]}]",
            #"{"id":"p","limits":[{"meter":"m","scope":"tenant","window":"month","limit":5,"#
                + #""thresholds":[50,90],"rollover":{"cap":{"percent":50},"max_age_periods":1,"#
                + #""burn_order":"plan_first","on_plan_change":"keep","overage":"forgive"}}]}"#
        ),
    ])
    func whatSaysTheSameIsUnchanged(manifest: String, found: String) throws {
        let diff = try diff(manifest, found: found)
        #expect(diff.steps.isEmpty, "\(diff.text)")
        #expect(diff.unchanged == 1)
        #expect(diff.text == "= 1 unchanged\n")
    }

    @Test func aNewObjectIsPosted() throws {
        let diff = try diff(
            "tenants: [{id: a, plan: team}]\n"
                + "overrides: [{tenant: a, meter: m, window: day, limit: 5, periods: 2}]",
            found: nil)
        #expect(diff.steps.map(\.call.method) == [.post, .put])
        #expect(
            diff.steps.map(\.call.target) == [
                "/api/admin/tenants", "/api/admin/tenants/a/overrides/m/day",
            ])
        #expect(
            diff.steps.map { JSONValue.object($0.call.body!).description } == [
                #"{"id":"a","plan":"team"}"#, #"{"limit":5,"periods":2}"#,
            ])
        #expect(
            diff.text == """
                + tenant a
                    plan: team
                + override m/day of tenant a
                    limit: 5
                    periods: 2
                = 0 unchanged

                """)
        #expect(diff.summary == "2 to create, 0 to change")
    }

    @Test func aChangedTenantIsPatchedWithWhatChanged() throws {
        let diff = try diff(
            "tenants: [{id: a, plan: team, name: A, currency: NGN}]",
            found: #"{"id":"a","plan":"free","name":"A","currency":null,"time_zone":"UTC"}"#)
        #expect(
            diff.text == """
                ~ tenant a
                    plan: free -> team
                    currency: null -> NGN
                = 0 unchanged

                """)
        let call = try #require(diff.steps.first?.call)
        #expect(call.method == .patch)
        #expect(JSONValue.object(call.body!).description == #"{"plan":"team","currency":"NGN"}"#)
    }

    @Test func aChangedPlanIsPutWithWhatTheManifestLeavesOpen() throws {
        let diff = try diff(
            "plans: [{id: team, limits: [{meter: ai_tokens, window: month, limit: 7, warn: false},"
                + " {meter: storage_gb, window: none, limit: null}]}]",
            found: Self.plan)
        #expect(
            diff.text == """
                ~ plan team
                    limits[tenant:ai_tokens/month].limit: 5 -> 7
                    limits[tenant:ai_tokens/month].warn: yes -> no
                    limits[tenant:storage_gb/none]: (none) -> unlimited
                    limits[tenant:api_calls/minute]: 9 -> (removed)
                = 0 unchanged

                """)
        let call = try #require(diff.steps.first?.call)
        #expect(call.method == .put)
        #expect(
            JSONValue.object(call.body!).description
                == #"{"id":"team","name":"Team","weight":2,"limits":[{"meter":"ai_tokens","#
                + #""window":"month","limit":7,"warn":false},"#
                + #"{"meter":"storage_gb","window":"none","limit":null}]}"#)
    }

    @Test func anOverrideWhoseTimeIsOverIsPassedOver() throws {
        let manifest =
            "overrides: [{tenant: a, meter: m, window: day, limit: 5,"
            + " expires_at: 2026-11-21T00:00:00Z}]"
        let diff = try diff(manifest, found: nil)
        #expect(diff.steps.isEmpty)
        #expect(diff.expired.count == 1)
        #expect(diff.text.hasPrefix("! override m/day of tenant a"))
    }

    @Test func anOverrideThatEndsTooLateIsChanged() throws {
        let diff = try diff(
            "overrides: [{tenant: a, meter: m, window: month, limit: 5, periods: 2,"
                + " expires_at: 2026-12-01T00:00:00Z}]",
            found: #"{"limit":5,"expires_at":"2027-01-01T00:00:00Z","expired":false}"#)
        #expect(diff.steps.first?.changes?.map(\.name) == ["expires_at"])
    }

    @Test func anOverrideThatExpiredOnTheServerIsSetAgain() throws {
        let diff = try diff(
            "overrides: [{tenant: a, meter: m, window: day, limit: 5}]",
            found: #"{"limit":5,"expires_at":"2026-01-01T00:00:00Z","expired":true}"#)
        #expect(diff.steps.first?.changes?.map(\.name) == ["expired"])
    }

    @Test func anOverrideWhosePeriodsAreOverIsNotGivenThemAgain() throws {
        let diff = try diff(
            "overrides: [{tenant: a, meter: m, window: day, limit: 5, periods: 1}]",
            found: #"{"limit":5,"expires_at":"2026-01-01T00:00:00Z","expired":true}"#)
        #expect(diff.steps.isEmpty)
        #expect(diff.text.contains("its periods are over"), "\(diff.text)")
    }

    @Test func aTrialThatIsOverIsSaidOfANewTenant() throws {
        let manifest =
            "tenants: [{id: a, plan: b, trial: {plan: c, ends_at: 2020-01-01T00:00:00Z}}]"
        #expect(try diff(manifest, found: nil).text.contains("! tenant a: its trial is over"))
        let found = #"{"plan":"b","trial":null,"scheduled_plan":null}"#
        #expect(try !diff(manifest, found: found).text.contains("trial is over"))
    }

    @Test func aNewLimitShowsAllThatIsNotTheDefault() throws {
        let diff = try diff(
            "plans: [{id: p, weight: 2, limits: [{meter: m, window: minute, limit: 60, burst: 5,"
                + " mode: shadow, soft_percent: 50, warn: false}, {meter: m, window: day,"
                + " limit: null, soft_percent: 80, mode: enforce}]}]",
            found: nil)
        #expect(
            diff.text == """
                + plan p
                    weight: 2
                    limits[tenant:m/minute]: 60, burst 5, soft_percent 50, warn no, mode shadow
                    limits[tenant:m/day]: unlimited
                = 0 unchanged

                """)
        #expect(
            String(decoding: diff.json, as: UTF8.self)
                .contains(#"{"name":"weight","old":null,"new":"2"}"#))
    }

    @Test func theDifferenceForPrograms() throws {
        let diff = try diff(
            "meters: [{id: m, kind: counter, record: hourly}]",
            found: #"{"id":"m","kind":"counter","record":"event"}"#)
        #expect(
            String(decoding: diff.json, as: UTF8.self)
                == #"{"steps":[{"action":"change","object":"meter m","kind":"meter","#
                + #""id":"m","path":["meters","m"],"line":1,"#
                + #""changes":[{"name":"record","old":"event","new":"hourly"}]}],"#
                + #""unchanged":0,"expired":[],"warnings":[]}"# + "\n")
        let override = try self.diff(
            "overrides: [{tenant: a, meter: m, window: day, limit: 5}]", found: nil)
        #expect(
            String(decoding: override.json, as: UTF8.self)
                .contains(#""id":"m/day","path":["tenants","a","overrides","m","day"]"#))
    }

    @Test func whatTenantsNameAndNobodyHasIsWarnedOf() throws {
        let manifest = """
            plans: [{id: team, limits: []}, {id: professional, limits: []}]
            tenants:
            - {id: a, plan: nope, organization: globex}
            - {id: b, plan: team, organization: globex}
            - {id: c, plan: pro, organization: null}
            """
        let entries = try ManifestReader(path: "m.yaml").entries(manifest)
        var diff = try diff(manifest, found: nil)
        let references = diff.references(outside: entries)
        #expect(references.map(\.path) == [["plans", "nope"], ["organizations", "globex"]])
        for reference in references { diff.warn(of: reference) }
        #expect(
            diff.text.hasSuffix(
                """
                ! there is no plan "nope", neither here nor on the server; the limits of "free" hold
                ! there is no organization "globex", neither here nor on the server; none of its \
                limits hold
                = 0 unchanged

                """), "\(diff.text)")
        #expect(
            String(decoding: diff.json, as: UTF8.self)
                .contains(#""warnings":["there is no plan \"nope\","#))
    }

    @Test func aTenantThatKeepsItsPlanIsNoReasonToAskForIt() throws {
        let manifest = "tenants: [{id: a, plan: nope, name: A}]"
        let entries = try ManifestReader(path: "m.yaml").entries(manifest)
        let diff = try diff(manifest, found: #"{"id":"a","plan":"nope","name":"B"}"#)
        #expect(diff.steps.count == 1)
        #expect(diff.references(outside: entries).isEmpty)
    }
}
