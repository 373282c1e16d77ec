import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import WeirCommand

/// What is refused before anything is sent.
struct ManifestCheckTests {
    private func problems(
        _ manifest: String, overrides: [ExactString: PlannedOverrides] = [:]
    ) throws -> [String] {
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
            overrides: overrides, now: Timestamp(seconds: 0))
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
        (
            "tenants: [{id: a, billing_boundaries: [2026-02-01, 2026-01-01]}]",
            "billing_boundaries must each be later"
        ),
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

    private static let limit = "tenant: acme, meter: ai_tokens, window: month"

    @Test(arguments: [
        // Of the file alone.
        (
            ["limit: 1, expires_at: 1970-03-01T00:00:00Z", "starts_at: 1970-02-01T00:00:00Z"],
            "line 3: override ai_tokens/month of tenant acme from 1970-02-01T00:00:00Z: "
                + "starts_at overlaps the override that holds from 1970-01-01T00:00:00Z until "
                + "1970-03-01T00:00:00Z; end that one before, or delete it"
        ),
        (
            ["starts_at: 1970-02-01T00:00:00Z", "limit: 1"],
            "line 3: override ai_tokens/month of tenant acme: expires_at must be "
                + "no later than 1970-02-01T00:00:00Z, when another override of the limit begins"
        ),
        (["limit: 1, expires_at: 1970-02-01T00:00:00Z", "starts_at: 1970-02-01T00:00:00Z"], nil),
        (["limit: 1, periods: 2", "starts_at: 1970-02-28T23:59:59Z"], "line 3: "),
        (["limit: 1, periods: 2", "starts_at: 1970-03-01T00:00:00Z"], nil),
        (["starts_at: 1970-02-01T00:00:00Z, expires_at: 1970-01-15T00:00:00Z"], "expires_at must"),
    ])
    func overridesOfAFileThatOverlap(members: [String], message: String?) throws {
        let lines = members.map { members in
            let effect = members.contains("limit") ? "" : "limit: 5, "
            return "- {\(Self.limit), \(effect)\(members)}"
        }
        let problems = try problems("overrides:\n" + lines.joined(separator: "\n"))
        #expect(problems.count == (message == nil ? 0 : 1), "\(problems)")
        if let message { #expect(problems.first?.contains(message) == true, "\(problems)") }
    }

    @Test func overridesThatOverlapThoseOfTheServer() throws {
        let known = try json(
            #"{"meter":"ai_tokens","window":"month","limit":5,"starts_at":"1970-05-01T00:00:00Z","#
                + #""expires_at":null,"created_at":"1970-01-01T00:00:00Z","expired":false}"#)
        // This period was begun by another calendar, and keeps its end.
        let usage = try json(
            #"{"limits":[{"id":"tenant:ai_tokens/month","reset_at":"1970-01-20T00:00:00Z"}]}"#)
        let zone = try json(#"{"id":"acme","time_zone":"Africa/Lagos"}"#)
        let plans = PlannedOverrides(
            tenant: zone, overrides: [known], usage: usage, now: Timestamp(seconds: 0))
        func check(_ members: String) throws -> [String] {
            try problems(
                "overrides: [{\(Self.limit), limit: 7, \(members)}]",
                overrides: [ExactString("acme"): plans])
        }
        #expect(try check("expires_at: 1970-05-01T00:00:01Z").count == 1)
        #expect(try check("expires_at: 1970-05-01T00:00:00Z").isEmpty)
        #expect(try check("expires_at: null").first?.contains("no later than 1970-05-01") == true)
        // January's rest, then four months that begin an hour before those of UTC.
        #expect(try check("periods: 5").isEmpty)
        #expect(try check("periods: 6").count == 1)
        // The same one is replaced.
        #expect(try check("starts_at: 1970-05-01T00:00:00Z").isEmpty)
        // Another limit is another one's.
        #expect(
            try problems(
                "overrides: [{tenant: acme, meter: ai_tokens, window: day, limit: 7}]",
                overrides: [ExactString("acme"): plans]
            )
            .isEmpty)
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
