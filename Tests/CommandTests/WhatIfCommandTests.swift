import StrictJSON
import Testing

@testable import WeirCommand

/// `weir whatif`: what it asks, and what it prints.
struct WhatIfCommandTests {
    private func call(_ yaml: String, _ line: String = "whatif --plan p.yaml --since 7d") throws
        -> Call
    {
        let whatIf = try #require(try command(line) as? WhatIfCommand)
        return try WhatIfCommand.call(yaml, whatIf)
    }

    @Test func aPlanOfItsOwnAndOneOfAManifestAskTheSame() throws {
        let own = try call("id: pro\nlimits:\n- {meter: m, window: day, limit: 5}\n")
        let manifest = try call(
            """
            plans:
            - id: pro
              limits:
              - {meter: m, window: day, limit: 5}
            meters: [{id: m, kind: counter}]
            """)
        #expect(own == manifest)
        #expect(own.method == .post)
        #expect(own.target == "/api/admin/whatif")
        let body = try json(
            #"""
            {"plan":{"id":"pro","limits":[{"meter":"m","window":"day","limit":5}]},"since":"7d",
            "max_refusals":1000}
            """#)
        #expect(own.body == body.objectValue)
    }

    @Test func eachOptionIsAMember() throws {
        let call = try call(
            "{id: a, limits: []}",
            "whatif --plan p.yaml --since 2w --until 1d --tenants-of free --limit 5")
        #expect(call.body?["since"] == "2w")
        #expect(call.body?["until"] == "1d")
        #expect(call.body?["tenants_of"] == "free")
        #expect(call.body?["max_refusals"] == 5)
        let one = try self.call(
            "{id: a, limits: []}", "whatif --plan p.yaml --since 2w --tenant acme")
        #expect(one.body?["tenant"] == "acme")
        #expect(one.body?["tenants_of"] == nil)
    }

    @Test(arguments: [
        "plans: []", "plans: [{id: a, limits: []}, {id: b, limits: []}]", "", "limits: []",
        "plans: {id: a}", "plans: [{id: a, limits: []}]\nsurprise: 1", "{", "- a",
    ])
    func whatIsNotOnePlanIsRefused(yaml: String) {
        #expect(throws: CommandFailure.self) { try call(yaml) }
    }

    @Test(arguments: [
        "whatif --plan p.yaml", "whatif --since 7d",
        "whatif --plan p.yaml --since 7d --tenant a --tenants-of b",
        "whatif --plan p.yaml --since 7d --limit 10001",
        "whatif --plan p.yaml --since 7d --format csv",
    ])
    func whatTheLineSaysWrong(line: String) {
        #expect(throws: (any Error).self) { try command(line) }
    }

    @Test func theTextTellsWhoThenTheSumsThenWhatItCannotKnow() throws {
        let answer = try json(
            #"""
            {"plan":"free","since":"2026-11-14T10:00:00.000Z","until":"2026-11-21T10:00:00.000Z",
            "tenants":3,"refused_tenants":1,"refused_requests":2,"rows_read":77,"limits":[{
            "limit":"tenant:ai_tokens/month","mode":"enforce","judged_by":"request","tenants":1,
            "requests":2,"units":50}],"refusals":[{"tenant":"ac\u001bme","limit":
            "tenant:ai_tokens/month","mode":"enforce","requests":2,"units":50,"first_at":
            "2026-11-20T10:00:00.000Z","last_at":"2026-11-20T11:00:00.000Z","at":[]}],
            "truncated":true,"notes":["One thing.","Another\u001b."]}
            """#)
        let text = WhatIfText.text(answer)
        for part in [
            "2026-11-20T10:00:00.000Z", "There are more: --limit",
            "1 of 3 tenants would have been refused 2 requests", "77 rows of use", "judged by",
            "Note: One thing.\n",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(!text.contains("\u{1b}"))
        let none = try json(
            #"{"tenants":0,"refused_tenants":0,"refusals":[],"limits":[],"notes":[]}"#)
        #expect(WhatIfText.text(none).hasPrefix("Nobody would have been refused.\n"))
    }
}
