import StrictJSON
import Testing
import WeirClient

@testable import WeirCommand

/// What people and programs get to see.
struct RenderingTests {
    @Test(arguments: [
        ("acme", "acme"), ("Zürich 北京", "Zürich 北京"), ("\u{1B}[2Jx", #"\u{1b}[2Jx"#),
        ("a\nb\tc\r", #"a\u{a}b\u{9}c\u{d}"#), ("\u{9B}31m", #"\u{9b}31m"#),
        ("abc\u{202E}fdp", #"abc\u{202e}fdp"#), ("a\u{2028}b\u{200B}", #"a\u{2028}b\u{200b}"#),
        ("\u{7F}", #"\u{7f}"#),
    ])
    func hostileTextsAreEscaped(text: String, shown: String) {
        #expect(SafeText.line(text) == shown)
    }

    @Test(arguments: [
        ("abc", 3), ("Zürich", 6), ("北京", 4), ("e\u{301}", 1), ("😀", 2), ("", 0), ("☕⭐✅", 6),
        ("🇳🇬", 2), ("❤️", 2), ("❤", 1), ("\u{301}é", 1), ("ﾊﾝ", 2),
    ])
    func columnsOfATerminal(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test func jsonForProgramsSaysTheSameAndHarmsNoTerminal() throws {
        let value: JSONValue = ["id": "\u{9B}2J\u{202E}é😀\u{1B}", "n": 1]
        let bytes = SafeJSON.encoded(value)
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"id":"\u009b2J\u202eé😀\u001b","n":1}"#)
        #expect(try JSONValue(parsing: bytes) == value)
    }

    @Test func aTableOfHostileRows() throws {
        let rows = [
            try json(#"{"id":"a\u001b]0;x\u0007","limit":null,"test":true,"n":17}"#),
            try json(#"{"id":"b","limit":5,"test":false,"tags":["x","y"]}"#),
        ]
        let columns: [Column] = [
            .text("id"), .number("limit", null: "unlimited"), .text("test"), .number("n"),
            .text("tags"),
        ]
        #expect(
            MemberTable.list(rows, columns) == #"""
                id                    limit  test   n  tags
                ----------------  ---------  ----  --  ----
                a\u{1b}]0;x\u{7}  unlimited  yes   17  -
                b                         5  no     -  x, y

                """#)
        #expect(MemberTable.list([], columns) == "none\n")
    }

    @Test func aRecordWithItsLimits() throws {
        let plan = try json(
            #"{"id":"free","weight":1,"limits":[{"meter":"x","limit":5},{"meter":"y","limit":null}]}"#
        )
        #expect(
            MemberTable.record(plan) == """
                id      free
                weight  1

                limits:
                meter  limit
                -----  -----
                x          5
                y          -

                """)
        #expect(MemberTable.record(.null) == "done\n")
    }

    @Test func aRefusalSaysWhatWouldHelp() throws {
        let answer = try json(
            #"""
            {"allowed":false,"enforced":true,"tenant":"acme","plan":"free","warnings":["careful"],
            "limits":[{"id":"tenant:ai_tokens/month","limit":100,"used":90,"held":0,
            "remaining":10,"reset_at":"2026-12-01T00:00:00Z","source":"plan","mode":"enforce"}],
            "denied_by":{"id":"tenant:ai_tokens/month","requested":12,"available":10,
            "retry_after_ms":864000000,"reason":"quota_exceeded",
            "upgrade":{"plan":"starter","limit":1000}}}
            """#)
        let text = DecisionText.text(answer)
        #expect(
            text.hasPrefix(
                """
                refused (quota_exceeded): tenant acme, plan free
                tenant:ai_tokens/month: 12 requested, 10 available; again in 10 d 0 h
                plan starter would allow 1000
                warning: careful

                """), "\(text)")
        #expect(text.contains("tenant:ai_tokens/month      100    90"))
        #expect(DecisionText.isRefusal(answer))
    }

    @Test(arguments: [
        (0, "0 s"), (250, "1 s"), (61_000, "1 min 1 s"), (3_600_000, "1 h 0 min"),
        (90_000_000, "1 d 1 h"),
    ])
    func durations(milliseconds: Int64, text: String) {
        #expect(DecisionText.duration(milliseconds: milliseconds) == text)
    }

    @Test func aSecretStandsByItself() throws {
        let text = SecretText.text(try json(#"{"id":"k_1","key":"wk_live_x"}"#))
        #expect(text == "id  k_1\n\nThe secret, shown this once:\n\n  wk_live_x\n")
    }

    @Test func aResetShowsBothPeriods() throws {
        let reset = try #require(
            try command("tenant reset a ai_tokens/month --yes") as? TenantCommand.Reset)
        let answer = try json(#"{"tenant":"a","closed":{"used":10},"opened":{"limit":null}}"#)
        #expect(reset.text(answer) == "tenant        a\nclosed.used   10\nopened.limit  -\n")
    }

    @Test func healthIsFlattened() throws {
        let value = try json(#"{"status":"unhealthy","checks":{"c":{"status":"good"}}}"#)
        #expect(
            MemberTable.record(Flattened.value(value))
                == "status           unhealthy\nchecks.c.status  good\n")
        let health = try #require(try command("quota health") as? QuotaCommand.Health)
        #expect(health.verdict(value) == 1)
        #expect(health.verdict(["status": "degraded"]) == 0)
    }
}
