import StrictJSON
import Testing

@testable import WeirCommand

/// Units on top of limits, as a person sees them.
struct GrantTextTests {
    private func table(_ items: [JSONValue]) throws -> String {
        let list = try #require(try command("grant list a") as? any ListCommand)
        return MemberTable.list(items.map(list.row), list.columns)
    }

    @Test func whatWasGrantedAndWhatWasCarried() throws {
        let text = try table([
            try json(
                #"""
                {"id":"carried/x/0.1","limit_id":"tenant:m/month","meter":"m","window":"month",
                 "kind":"carried","units":70,"remaining":40,"age_periods":1,"max_age_periods":null,
                 "policy_version":2}
                """#),
            try json(
                #"""
                {"id":"g_1","limit_id":"tenant:m/month","meter":"m","window":"month",
                 "kind":"top_up","units":500,"remaining":0,"priority":50,"expires_at":null,
                 "expired":false,"created_at":"2026-11-21T10:00:00.123Z","reason":"a\u001b[2Jb"}
                """#),
        ])
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-") }
            .map { $0.split(separator: " ").map(String.init) }
        #expect(
            lines[0] == [
                "id", "limit", "kind", "units", "remaining", "priority", "expires", "at",
                "expired", "created", "at", "reason",
            ])
        #expect(
            lines[1] == [
                "carried/x/0.1", "tenant:m/month", "carried", "70", "40", "-", "-", "-", "-", "-",
            ])
        #expect(
            lines[2].prefix(9) == [
                "g_1", "tenant:m/month", "top_up", "500", "0", "50", "never", "no",
                "2026-11-21T10:00:00.123Z",
            ])
        #expect(!text.contains("\u{1B}"))
        #expect(try table([]) == "none\n")
    }

    @Test func aNewOneIsARecord() throws {
        let create = try #require(
            try command("grant create a m/month 5") as? any ServerCommand)
        #expect(
            create.text(["id": "g_1", "expires_at": nil]) == "id          g_1\nexpires_at  never\n")
        #expect(
            create.text(["id": "g_1", "expires_at": "2027-01-01T00:00:00Z"])
                == "id          g_1\nexpires_at  2027-01-01T00:00:00Z\n")
        #expect(create.verdict(["id": "g_1", "expired": false]) == 0)
    }
}
