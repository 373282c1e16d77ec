import QuotaLedger
import StrictJSON
import Testing

/// Case 9 of the fault list, on every route that takes an idempotency key.
@Suite("idempotency keys on every route")
struct KeyCollisionTests {
    /// A request that takes an idempotency key, by tenant and key.
    enum Route: CaseIterable {
        case consume
        case reserve
        case batch
        case allocation
        case adjustment

        /// Sends it; the answer of a batch is that of its only item.
        func send(_ tenant: String, _ key: String, to client: Client) async throws -> Int {
            let named = JSONValue.string(key)
            let charge = JSONValue.charging(1, "ai_tokens", tenant: tenant)
                .with("idempotency_key", named)
            switch self {
            case .consume: return try await client.consume(charge).status
            case .reserve: return try await client.reserve(charge).status
            case .batch:
                let reply = try await client.batch("consume", [charge])
                return Int(reply.statuses.first ?? -1)
            case .allocation:
                let body = JSONValue.allocating("delta", 1, "team_members", tenant: tenant)
                return try await client.allocation(body.with("idempotency_key", named)).status
            case .adjustment:
                return
                    try await client.adjust(
                        1, "ai_tokens", tenant: tenant, idempotencyKey: key
                    )
                    .status
            }
        }

        /// What was booked for a tenant.
        func booked(_ tenant: String, on server: TestServer) async throws -> Int64 {
            let usage = try await server.admin.usage(tenant.percentEncoded)
            return self == .allocation
                ? usage.allocated("tenant:team_members/none") : usage.used("tenant:ai_tokens/month")
        }
    }

    @Test("the same key of two tenants is two keys", arguments: Route.allCases)
    func twoTenants(route: Route) async throws {
        let server = try await TestServer()
        for tenant in ["acme", "globex"] {
            _ = try await server.admin.createTenant(["id": .string(tenant)])
            for _ in 0..<2 {
                #expect([200, 201].contains(try await route.send(tenant, "k", to: server.admin)))
            }
        }
        #expect(try await route.booked("acme", on: server) == 1)
        #expect(try await route.booked("globex", on: server) == 1)
    }

    @Test("tenant and key are never run together", arguments: Route.allCases)
    func separators(route: Route) async throws {
        let server = try await TestServer()
        for separator in [":", "/", "|", " ", "}{", ",", "é"] {
            let long = "a\(separator)b"
            _ = try await server.admin.createTenant(["id": .string(long)])
            _ = try await server.admin.createTenant(["id": "a", "plan": "enterprise"])
            let before = try await route.booked("a", on: server)
            #expect(
                [200, 201].contains(try await route.send(long, "c", to: server.admin)))
            #expect(
                [200, 201]
                    .contains(
                        try await route.send("a", "b\(separator)c", to: server.admin)))
            #expect(try await route.booked(long, on: server) == 1, "\(separator)")
            #expect(try await route.booked("a", on: server) == before + 1, "\(separator)")
        }
    }

    @Test("however many come at once, one is booked", arguments: Route.allCases)
    func atOnce(route: Route) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<48 {
                group.addTask { try await route.send("acme", "k", to: server.admin) }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(Set(statuses).isSubset(of: [200, 201, 409]))
        #expect(statuses.contains { $0 < 300 })
        #expect(try await route.booked("acme", on: server) == 1)
    }

    @Test(
        "of two in flight one is answered, the other is told to come back",
        arguments: [
            Route.batch, .allocation,
        ])
    func twoInFlight(route: Route) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let gate = Gate()
        server.ledger.beforeCommit { _ throws(LedgerError) in
            // Whoever comes next is not held back.
            server.ledger.beforeCommit(nil)
            await gate.pass()
        }
        async let first = route.send("acme", "k", to: server.admin)
        await gate.arrival()
        #expect(try await route.send("acme", "k", to: server.admin) == 409)
        gate.open()
        #expect([200, 201].contains(try await first))
        #expect([200, 201].contains(try await route.send("acme", "k", to: server.admin)))
        #expect(try await route.booked("acme", on: server) == 1)
    }
}
