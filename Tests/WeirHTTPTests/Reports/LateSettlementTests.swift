import StrictJSON
import Testing

@Suite("settlements after the period")
struct LateSettlementTests {
    private static let tokens = "tenant:ai_tokens/month"

    /// A server in December whose November is closed, and a reservation of November.
    private func server() async throws -> (TestServer, id: String) {
        let server = try await TestServer(at: "2026-11-30T23:50:00Z")
        _ = try await server.admin.consume(40, "ai_tokens")
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        for instant in [
            "2026-12-01T00:00:01Z", "2026-12-01T00:30:00Z", "2026-12-02T12:00:00Z",
            "2026-12-03T12:00:00Z",
        ] {
            try server.move(to: instant)
            try await server.settleDown()
            _ = try await server.admin.consume(1, "ai_tokens")
        }
        return (server, id)
    }

    @Test("what is still suspect when a period closes expires unbilled")
    func expires() async throws {
        let (server, _) = try await server()
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.map { $0.string("state") } == ["open", "closed"])
        #expect(periods.map { $0["posted"] } == [4, 40])
        #expect(try await server.admin.usage().used(Self.tokens) == 4)
        let november = try await server.admin.get(
            "/api/admin/tenants/acme/usage?from=2026-11-01&to=2026-11-30&group_by=meter")
        #expect(november.items.map { $0["units"] } == [40])
    }

    @Test("a settlement after that is booked now, and names the period it adjusts")
    func adjusts() async throws {
        let (server, id) = try await server()
        let before = try await server.admin.periods(("ai_tokens", "month")).last
        let settled = try await server.admin.settle(id, [.charge(300, "ai_tokens")])
        #expect(settled.status == 200)
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.count == 2)
        #expect(periods.last == before)
        #expect(periods.first?["posted"] == 304)
        #expect(try await server.admin.usage().used(Self.tokens) == 304)
        let adjusting = try await server.admin.events("acme", "meter=ai_tokens")
            .filter { $0["adjusts"] != .null }
        #expect(adjusting.count == 1)
        #expect(adjusting.first?["units"] == 300)
        let name = adjusting.first?["adjusts"].map { "\($0)" } ?? ""
        #expect(name.contains("2026-11"), "\(name)")
        // The first outcome stands.
        let again = try await server.admin.settle(id, [.charge(900, "ai_tokens")])
        #expect(again.text == settled.text)
        #expect(try await server.admin.usage().used(Self.tokens) == 304)
    }

    @Test("within the quarter of an hour it still goes to the old period")
    func grace() async throws {
        let server = try await TestServer(at: "2026-11-30T23:59:30Z")
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        _ = try await server.admin.consume(1, "ai_tokens")
        try server.move(to: "2026-12-01T00:14:59Z")
        try await server.settleDown()
        #expect(try await server.admin.settle(id, [.charge(300, "ai_tokens")]).status == 200)
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.map { $0["posted"] } == [1, 300])
        #expect(try await server.admin.events().allSatisfy { $0["adjusts"] == .null })
        #expect(try await server.admin.usage().used(Self.tokens) == 1)
    }
}
