import QuotaModel
import StrictJSON
import Testing

@testable import WeirCommand

/// What is refused before anything is sent.
struct ManifestCheckTests {
    private func problems(_ manifest: String) throws -> [String] {
        let meters = [
            try json(#"{"id":"ai_tokens","kind":"counter","record":"event"}"#),
            try json(#"{"id":"seats","kind":"allocation","record":"event"}"#),
        ]
        var diff = ManifestDiff()
        for entry in try ManifestReader(path: "m.yaml").entries(manifest) {
            diff.add(entry, found: nil, now: Timestamp(seconds: 0))
        }
        var check = ManifestCheck(
            meters: meters, tenants: [ExactString("acme"), ExactString("globex")],
            now: Timestamp(seconds: 0))
        return check.problems(of: diff.steps)
    }

    @Test(arguments: [
        (
            "plans:\n- id: p\n  limits: [{meter: toks, window: month, limit: 1}]",
            #"line 2: plan p: limits[0].meter "toks" does not exist"#
        ),
        (
            "plans: [{id: p, limits: [{meter: ai_tokens, window: fortnight, limit: 1}]}]",
            "limits[0].window must be"
        ),
        (
            "plans: [{id: p, limits: [{meter: seats, window: day, limit: 1}]}]",
            #"must be "none""#
        ),
        (
            "plans: [{id: p, limits: [{meter: ai_tokens, window: day, limit: 1},"
                + " {meter: ai_tokens, window: day, limit: 2}]}]",
            #"limits[1] is "tenant:ai_tokens/day" a second time, after limits[0]"#
        ),
        (
            "plans: [{id: p, limits: [{meter: ai_tokens, window: day, limit: 1,"
                + " rollover: {cap: {percent: 20000}}}]}]",
            "limits[0].rollover.cap.percent must be"
        ),
        (
            "organizations: [{id: o, limits: [{meter: ai_tokens, window: day, limit: 1,"
                + " thresholds: [80, 101]}]}]",
            "organization o: limits[0].thresholds[1] must be"
        ),
        ("plans: [{id: p, weight: 2}]", "plan p: limits is required"),
        ("meters: [{id: x, record: hourly}]", "meter x: kind is required"),
        ("tenants: [{id: a, time_zone: Mars/X}]", #"time_zone "Mars/X" does not exist"#),
        ("tenants: [{id: a, currency: euro}]", "ISO 4217"),
        ("organizations: [{id: o, time_zone: Mars/X}]", #"time_zone "Mars/X" does not exist"#),
        ("meters: [{id: ai_tokens, kind: allocation}]", #"it is of kind "counter", and stays so"#),
        ("meters: [{id: x, kind: gauge}]", "kind must be"),
        ("tenants: [{id: a, plan_at: now}]", "which is missing"),
        ("tenants: [{id: a, plan: free, plan_at: later}]", "plan_at must be"),
        (
            "tenants: [{id: a, trial: {plan: pro, ends_at: tomorrow}}]",
            "trial.ends_at must be"
        ),
        ("overrides: [{tenant: x, meter: seats, window: none, limit: 1}]", "no such tenant"),
        (
            "overrides: [{tenant: acme, meter: ai_tokens, window: day, limit: 1,"
                + " starts_at: 1969-01-01T00:00:00Z}]",
            "starts_at is over"
        ),
        (
            "overrides: [{tenant: acme, meter: ai_tokens, window: day, multiplier_percent: 0}]",
            "multiplier_percent must be"
        ),
        ("overrides: [{tenant: acme, meter: x, window: day, limit: 1}]", "there is no meter"),
        ("overrides: [{tenant: acme, meter: seats, window: day, limit: 1}]", "does not suit"),
        (
            "overrides: [{tenant: acme, meter: ai_tokens, window: fortnight, limit: 1}]",
            "window must be one of"
        ),
    ])
    func whatTheServerWouldRefuse(manifest: String, message: String) throws {
        let problems = try problems(manifest)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(message) == true, "\(problems)")
    }

    @Test func whatStandsTogetherMayBuildOnItself() throws {
        let problems = try problems(
            """
            meters: [{id: gpu, kind: counter}]
            plans: [{id: p, limits: [{meter: gpu, window: month, limit: 5, mode: shadow}]}]
            organizations: [{id: o, limits: [{meter: gpu, window: month, limit: 9}]}]
            tenants: [{id: acme, plan: p, organization: o, time_zone: Africa/Lagos}]
            overrides: [{tenant: acme, meter: gpu, window: month, limit: null}]
            """)
        #expect(problems.isEmpty)
    }
}
