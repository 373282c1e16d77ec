import StrictJSON
import Testing

@Suite("GET /api/admin/usage/costs")
struct CostTests {
    private static let path = "/api/admin/usage/costs"

    private func prepare(_ server: TestServer, tenants: Int) async throws {
        for meter in ["cost_usd", "cost_eur", "cost_center"] {
            _ = try await server.admin.post(
                "/api/admin/meters", ["id": .string(meter), "kind": "counter", "record": "event"])
        }
        for number in 0..<tenants {
            let tenant = JSONValue.string("t\(100 + number)")
            for (model, amount) in [("large", 700), ("small", 30)] as [(String, Int64)] {
                let reply = try await server.admin.consume([
                    "tenant": tenant, "model": .string(model),
                    "charges": [
                        .charge(amount, "cost_usd"), .charge(9, "ai_tokens"),
                        .charge(5, "cost_center"),
                    ],
                ])
                #expect(reply.status == 200, "\(reply.text)")
            }
            guard number % 2 == 0 else { continue }
            _ = try await server.admin.consume(
                1_500_000_000, "cost_eur", tenant: "t\(100 + number)")
        }
    }

    @Test("sums money by tenant and currency", arguments: TestServer.Store.allCases)
    func tenants(_ store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            try await prepare(server, tenants: 2)
            let items = try await server.admin.items(of: Self.path)
            #expect(
                items == [
                    [
                        "tenant": "t100", "meter": "cost_eur", "currency": "EUR", "cost": "1.5",
                        "cost_nano": 1_500_000_000, "requests": 1,
                    ],
                    [
                        "tenant": "t100", "meter": "cost_usd", "currency": "USD",
                        "cost": "0.00000073", "cost_nano": 730, "requests": 2,
                    ],
                    [
                        "tenant": "t101", "meter": "cost_usd", "currency": "USD",
                        "cost": "0.00000073", "cost_nano": 730, "requests": 2,
                    ],
                ])
        }
    }

    @Test("by model and by key, of one tenant too")
    func groups() async throws {
        try await TestServer.with(.memory) { server in
            try await prepare(server, tenants: 2)
            let models = try await server.admin.items(of: "\(Self.path)?group_by=model&tenant=t101")
            #expect(models.map { $0.string("model") } == ["large", "small"])
            #expect(models.map { $0.integer("cost_nano") } == [700, 30])
            let keys = try await server.admin.items(of: "\(Self.path)?group_by=key")
            #expect(Set(keys.map { $0.string("key") }) == ["_service"])
            #expect(keys.count == 3)
            let none = try await server.admin.get("\(Self.path)?from=2020-01-01&to=2020-01-31")
            #expect(none["items"] == [])
            #expect(none["next_cursor"] == .null)
            expectProblem(try await server.admin.get("\(Self.path)?tenant=nobody"), 404)
            expectProblem(try await server.admin.get("\(Self.path)?group_by=day"), 422)
        }
    }

    @Test("pages of any size join to the same list", arguments: ["tenant", "key", "model"])
    func pages(_ grouping: String) async throws {
        try await TestServer.with(.sqlite) { server in
            try await prepare(server, tenants: 7)
            let path = "\(Self.path)?group_by=\(grouping)"
            let all = try await server.admin.items(of: path)
            #expect(all.count == (grouping == "model" ? 18 : 11))
            for size in [1, 2, 3, 5] {
                #expect(try await server.admin.items(of: path, pageSize: size) == all)
            }
        }
    }

    @Test("a page that finds nothing among many tenants says where the list goes on")
    func manyTenants() async throws {
        try await TestServer.with(.memory) { server in
            try await prepare(server, tenants: 1)
            _ = try await server.admin.importing(
                "tenants", (0..<1_200).map { ["id": .string("a\(10_000 + $0)")] })
            let first = try await server.admin.get(Self.path)
            #expect(first["items"] == [])
            #expect(first["next_cursor"]?.stringValue != nil)
            #expect(try await server.admin.items(of: Self.path).count == 2)
        }
    }
}
