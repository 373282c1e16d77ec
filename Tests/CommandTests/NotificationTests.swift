import StrictJSON
import Testing
import WeirClient

@testable import WeirCommand

/// Notifications: the list, and the stream as a line each.
struct NotificationTests {
    private static let exhausted = """
        {"type":"quota.exhausted","timestamp":"2026-11-21T10:00:00.123Z","data":{"tenant":"acme",\
        "limit_id":"tenant:ai_tokens/month","meter":"ai_tokens","window":"month","limit":5,\
        "used":5,"period_start":null,"period_end":null}}
        """

    private func line(_ arguments: String = "", _ data: String) throws -> String {
        let follow = try #require(
            try command("notification follow \(arguments)") as? NotificationCommand.Follow)
        return follow.line(.init(id: "17", name: "x", data: data))
    }

    @Test func theListShowsWhatWasTold() throws {
        let list = try #require(try command("notification list") as? any ListCommand)
        let text = MemberTable.list([list.row(try json(Self.exhausted))], list.columns)
        #expect(
            text.split(separator: "\n").last?.split(separator: " ") == [
                "-", "2026-11-21T10:00:00.123Z", "quota.exhausted", "acme",
                "tenant:ai_tokens/month", "5", "5", "-", "-", "-",
            ])
    }

    @Test(arguments: [
        (
            exhausted,
            "17  2026-11-21T10:00:00.123Z  quota.exhausted  acme  tenant:ai_tokens/month"
                + "  5 of 5 used\n"
        ),
        (
            #"""
            {"type":"quota.threshold_reached","timestamp":"t","data":{"tenant":null,
            "organization":"corp","limit_id":"org:m/day","limit":null,"used":4,"percent":80}}
            """#,
            "17  t  quota.threshold_reached  organization corp  org:m/day"
                + "  4 of unlimited used  80 %\n"
        ),
        (
            #"""
            {"type":"trial.ending","timestamp":"t","data":{"tenant":"a\u001b[2J\nb","plan":"pro",
            "ends_at":"2027-01-01T00:00:00Z"}}
            """#,
            "17  t  trial.ending  \(SafeText.line("a\u{1B}[2J\nb"))  plan pro"
                + "  ends 2027-01-01T00:00:00Z\n"
        ),
        ("no JSON", "17  -  -  -\n"),
    ])
    func aNotificationIsALine(data: String, text: String) throws {
        #expect(try line("", data) == text)
    }

    @Test func withJSONItIsAnObjectOnALine() throws {
        let text = try line("--json", Self.exhausted)
        #expect(text.hasSuffix("}\n") && text.count { $0 == "\n" } == 1)
        let value = try json(text)
        #expect(value["number"] == 17)
        #expect(value["type"] == "quota.exhausted")
        #expect(value["data"]?["used"] == 5)
    }

    @Test(arguments: [
        ("", "/api/admin/notifications/stream"),
        ("--after 0", "/api/admin/notifications/stream?after=0"),
        (
            "--tenant a&b --type trial.ending --after 7",
            "/api/admin/notifications/stream?tenant=a%26b&type=trial.ending&after=7"
        ),
    ])
    func whatIsFollowed(arguments: String, target: String) throws {
        let follow = try #require(
            try command("notification follow \(arguments)") as? NotificationCommand.Follow)
        #expect(follow.call().target == target)
    }
}
