import StrictJSON
import Testing

@testable import WeirCommand

/// Going through lists page by page.
struct PagingTests {
    private func page(_ ids: Range<Int>, next: String?) -> JSONValue {
        [
            "items": .array(ids.map { ["id": .number(JSONNumber(Int64($0)))] }),
            "next_cursor": next.map { .string($0) } ?? .null,
        ]
    }

    @Test func aLimitEndsTheWalk() throws {
        var walk = PageWalk(.admin(.get, "tenants"), limit: 1_500)
        #expect(walk.next?.target == "/api/admin/tenants?limit=1000")
        #expect(try walk.take(page(0..<1_000, next: "c=1")).count == 1_000)
        #expect(walk.next?.target == "/api/admin/tenants?limit=500&cursor=c%3D1")
        #expect(try walk.take(page(1_000..<1_500, next: "c2")).count == 500)
        #expect(walk.next == nil)
        #expect(walk.hasMore)
    }

    @Test func withoutALimitTheEndOfTheListEndsIt() throws {
        var walk = PageWalk(.admin(.get, "tenants"), limit: nil)
        _ = try walk.take(page(0..<3, next: "a"))
        _ = try walk.take(page(3..<4, next: nil))
        #expect(walk.next == nil)
        #expect(!walk.hasMore)
    }

    @Test func moreThanAskedForIsCutOff() throws {
        var walk = PageWalk(.admin(.get, "tenants"), limit: 2)
        #expect(try walk.take(page(0..<5, next: nil)).count == 2)
        #expect(walk.hasMore)
        #expect(walk.next == nil)
    }

    @Test func aCursorThatDoesNotMoveIsAnError() throws {
        var walk = PageWalk(.admin(.get, "tenants"), limit: nil)
        _ = try walk.take(page(0..<1, next: "a"))
        #expect(throws: CommandFailure.self) { try walk.take(page(0..<1, next: "a")) }
        #expect(throws: CommandFailure.self) { try walk.take(["x": 1]) }
    }

    @Test func theDaysUsageIsJoined() throws {
        var walk = UsageWalk(.admin(.get, "quota", "usage"), limit: 1_001, offset: 5)
        #expect(walk.next?.target == "/api/admin/quota/usage?limit=1000&offset=5")
        walk.take(
            try json(
                #"""
                {"date":"2026-04-09","tenants":{"a":1,"b":"EXCEEDED"},
                "statistics":{"total_tenants":3,"exceeded_tenants":1,"next_cursor":"b"}}
                """#))
        #expect(walk.next?.target == "/api/admin/quota/usage?limit=999&cursor=b")
        walk.take(
            try json(
                #"""
                {"date":"2026-04-09","tenants":{"c\u001b":3},
                "statistics":{"total_tenants":3,"exceeded_tenants":1,"truncated":false}}
                """#))
        #expect(walk.next == nil)
        #expect(walk.merged["tenants"] == ["a": 1, "b": "EXCEEDED", "c\u{1B}": 3])
        #expect(walk.merged["statistics"]?["truncated"] == false)
        #expect(walk.text.contains(#"c\u{1b}         3"#))
        #expect(walk.text.contains("2026-04-09: 3 tenants, 1 of them exceeded"))
    }
}
