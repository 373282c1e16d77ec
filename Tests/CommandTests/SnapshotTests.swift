import StrictJSON
import Testing

@testable import WeirCommand

/// What an export writes and an import takes.
struct SnapshotTests {
    private let objects: [(part: ExportPart, json: String)] = [
        (.meter, #"{"id":"gpu","kind":"counter","record":"hourly"}"#),
        (.plan, #"{"id":"free","name":"Free","weight":1,"limits":[]}"#),
        (.organization, #"{"id":"g","limits":[],"created_at":"2026-01-01T00:00:00Z"}"#),
        (.tenant, #"{"id":"a","plan":"free","created_at":"2026-01-01T00:00:00Z","warnings":[]}"#),
        (
            .override,
            #"{"tenant":"a","meter":"m","window":"day","limit":null,"expires_at":null,"#
                + #""created_at":"2026-01-01T00:00:00Z","reason":"x","expired":false}"#
        ),
        (.override, #"{"tenant":"a","meter":"m","window":"week","limit":1,"expired":true}"#),
        (
            .key,
            #"{"id":"k","tenant":"a","status":"expired","last_used_at":null,"#
                + #""credential":{"public_id":"p","digest":"00","pepper_version":1}}"#
        ),
        (.key, #"{"id":"r","tenant":"a","status":"revoked","credential":null}"#),
        (
            .serviceKey,
            #"{"id":"s","status":"active","#
                + #""credential":{"public_id":"q","digest":"01","pepper_version":1}}"#
        ),
        (.allocation, #"{"id":"a","plan":"free","allocations":[{"meter":"rooms","units":3}]}"#),
        (.allocation, #"{"id":"b","plan":"free","allocations":[]}"#),
        (
            .grant,
            #"{"id":"a","grants":[{"id":"g_1","meter":"m","window":"day","remaining":5,"#
                + #""remaining_at_period_start":7,"priority":50,"expires_at":null,"#
                + #""created_at":"2026-01-01T00:00:00Z","reason":null},"#
                + #"{"id":"g_2","meter":"m","window":"day","remaining":0,"#
                + #""remaining_at_period_start":3}]}"#
        ),
        (.grant, #"{"id":"b","grants":[]}"#),
    ]

    private func export() throws -> [UInt8] {
        var bytes = ExportPart.header
        for object in objects { bytes += object.part.lines(try json(object.json)) }
        var lines = UsageLines(tenant: "a\u{1B}")
        bytes += try lines.take([
            json(
                #"{"date":"2026-04-09","key":"k","model":"m","meter":"api_calls","units":5,"#
                    + #""requests":2}"#)
        ])
        return bytes + lines.finish()
    }

    @Test func theLinesOfAnExport() throws {
        let lines = String(decoding: try export(), as: UTF8.self).split(separator: "\n")
        #expect(
            lines.map(String.init) == [
                #"{"kind":"weir_export","version":1}"#,
                #"{"kind":"meter","id":"gpu","meter_kind":"counter","record":"hourly"}"#,
                #"{"kind":"plan","id":"free","name":"Free","weight":1,"limits":[]}"#,
                #"{"kind":"organization","id":"g","limits":[]}"#,
                #"{"kind":"tenant","id":"a","plan":"free","created_at":"2026-01-01T00:00:00Z"}"#,
                #"{"kind":"override","tenant":"a","meter":"m","window":"day","limit":null,"#
                    + #""expires_at":null,"created_at":"2026-01-01T00:00:00Z","reason":"x"}"#,
                #"{"kind":"key","id":"k","tenant":"a","status":"active","#
                    + #""credential":{"public_id":"p","digest":"00","pepper_version":1}}"#,
                #"{"kind":"key","id":"r","tenant":"a","status":"revoked","credential":null}"#,
                #"{"kind":"service_key","id":"s","status":"active","#
                    + #""credential":{"public_id":"q","digest":"01","pepper_version":1}}"#,
                #"{"kind":"allocation","tenant":"a","meter":"rooms","units":3}"#,
                #"{"kind":"grant","tenant":"a","id":"g_1","meter":"m","window":"day","#
                    + #""remaining":5,"remaining_at_period_start":7,"priority":50,"#
                    + #""expires_at":null,"created_at":"2026-01-01T00:00:00Z","reason":null}"#,
                #"{"kind":"grant","tenant":"a","id":"g_2","meter":"m","window":"day","#
                    + #""remaining":0,"remaining_at_period_start":3}"#,
                #"{"kind":"usage","tenant":"a\u001b","key":"k","model":"m","meter":"api_calls","#
                    + #""date":"2026-04-09","units":5}"#,
            ])
    }

    @Test func theImportOfAnExport() throws {
        let outcome = try read(SnapshotSource(takesUsage: true), export())
        #expect(outcome.failures.isEmpty)
        #expect(outcome.passed == [.revokedKey: 1])
        #expect(
            outcome.items == [
                #"{"id":"a","plan":"free","created_at":"2026-01-01T00:00:00Z"}"#,
                #"{"id":"k","tenant":"a","status":"active","#
                    + #""credential":{"public_id":"p","digest":"00","pepper_version":1}}"#,
                #"{"id":"s","status":"active","#
                    + #""credential":{"public_id":"q","digest":"01","pepper_version":1},"#
                    + #""service":true}"#,
                #"{"tenant":"a","meter":"rooms","units":3}"#,
                #"{"tenant":"a","id":"g_1","meter":"m","window":"day","priority":50,"#
                    + #""expires_at":null,"created_at":"2026-01-01T00:00:00Z","reason":null,"#
                    + #""units":7}"#,
                #"{"tenant":"a","id":"g_2","meter":"m","window":"day","units":3}"#,
                #"{"tenant":"a\u001b","key":"k","model":"m","meter":"api_calls","#
                    + #""date":"2026-04-09","units":5}"#,
            ])
        #expect(
            outcome.changes.map(\.title) == [
                "meter gpu", "plan free", "organization g", "override m/day of tenant a",
            ])
        let calls = outcome.changes.map { SnapshotCalls($0) }
        #expect(calls.map(\.change.method) == [.put, .put, .put, .put])
        #expect(
            calls.map(\.change.target) == [
                "/api/admin/meters/gpu", "/api/admin/plans/free", "/api/admin/organizations/g",
                "/api/admin/tenants/a/overrides/m/day",
            ])
        #expect(
            JSONValue.object(calls[0].change.body!).description
                == #"{"id":"gpu","record":"hourly","kind":"counter"}"#)
        #expect(
            JSONValue.object(calls[3].change.body!).description
                == #"{"limit":null,"expires_at":null,"created_at":"2026-01-01T00:00:00Z","#
                + #""reason":"x"}"#)
        #expect(calls[3].lookup.target == calls[3].change.target)
    }

    @Test func useWithoutAKeyAndCreditsThatExceedIt() throws {
        let rows = [
            ("2026-04-09", "_service", -5), ("2026-04-09", "k", 8), ("2026-04-10", "_service", 0),
            ("2026-04-10", "k", 2), ("2026-04-11", "_service", 4), ("2026-04-12", "_service", -9),
            ("2026-04-12", "k", 9),
        ]
        .flatMap { date, key, units in
            [("api_calls", units), ("ai_tokens", 1)]
                .map { meter, units in
                    "{\"date\":\"\(date)\",\"key\":\"\(key)\",\"model\":null,"
                        + "\"meter\":\"\(meter)\",\"units\":\(units)}"
                }
        }
        // A date may lie on two pages.
        var lines = UsageLines(tenant: "a")
        let bytes = try rows.flatMap { lines.take([try json($0)]) } + lines.finish()
        let found = try String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { try json(String($0)) }.filter { $0["meter"] == "api_calls" }
            .map { [$0["date"], $0["key"], $0["units"]] }
        #expect(
            found == [
                ["2026-04-09", "k", 3], ["2026-04-10", "k", 2], ["2026-04-11", nil, 4],
            ])
    }

    @Test func withoutAskingUseIsPassedOver() throws {
        let outcome = try read(SnapshotSource(takesUsage: false), export())
        #expect(outcome.passed[.usage] == 1)
        // What the use of the period has taken is gone with it.
        #expect(outcome.passed[.spentGrant] == 1)
        let grants = outcome.items.filter { $0.contains("g_") }
        #expect(grants.count == 1)
        #expect(grants.first?.hasSuffix(#""units":5}"#) == true)
    }

    @Test func whatIsNoSnapshot() throws {
        let text = "{\"id\":1}\nx\n{\"kind\":\"cat\"}\n{\"kind\":\"key\",\"id\":\"k\"}\n"
        let outcome = try read(SnapshotSource(takesUsage: false), Array(text.utf8))
        #expect(outcome.failures.map(\.line) == [1, 2, 3, 4])
        #expect(throws: ImportFailure.self) {
            try read(
                SnapshotSource(takesUsage: false),
                Array(#"{"kind":"weir_export","version":2}"#.utf8))
        }
    }
}
