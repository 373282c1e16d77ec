import QuotaTesting
import StrictJSON
import Testing

@Suite("the list of held reservations")
struct HeldReservationTests {
    private static let path = "/api/admin/reservations"

    @Test("held ones are listed, soonest expiry first; ended ones are not")
    func list() async throws {
        let server = try await TestServer()
        var ids: [String: String] = [:]
        for (tenant, ttl) in [
            ("acme", 5000), ("globex", 1000), ("acme", 3000), ("a}{b", 2000), ("acme", 4000),
        ] as [(String, Int64)] {
            let body = JSONValue.charging(5, "ai_tokens", tenant: tenant)
                .with("ttl_ms", .integer(ttl))
            let reply = try await server.admin.reserve(body)
            ids["\(ttl)"] = reply.string("reservation_id")
        }
        let expected = ["1000", "2000", "3000", "4000", "5000"].map { ids[$0] ?? "" }
        for size in [1, 2, 5, 100] {
            let found = try await server.admin.items(of: Self.path, pageSize: size)
            #expect(found.map { $0.string("reservation_id") } == expected)
        }
        let acme = try await server.admin.items(of: Self.path + "?tenant=acme", pageSize: 2)
        #expect(acme.map { $0.string("reservation_id") } == Array(expected[2...]))
        let shown = try await server.admin.reservation(expected[0])
        let first = try await server.admin.items(of: Self.path).first
        #expect(first?.canonicalBytes == shown.json.canonicalBytes)
        _ = try await server.admin.settle(expected[0], [.charge(1, "ai_tokens")])
        _ = try await server.admin.void(expected[1])
        server.clock.advanceSeconds(3)
        try await server.settleDown()
        let left = try await server.admin.items(of: Self.path)
        #expect(left.map { $0.string("reservation_id") } == Array(expected[3...]))
        #expect(try await server.admin.items(of: Self.path + "?tenant=globex").isEmpty)
    }
}
