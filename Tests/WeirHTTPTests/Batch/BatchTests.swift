import QuotaLedger
import QuotaTesting
import StrictJSON
import Testing

@Suite("batches")
struct BatchTests {
    private static let calls = "tenant:api_calls/month"

    @Test("results stand in the order of the items, which pass in that order")
    func order() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "consume",
            [
                .charging(600, "api_calls"), .charging(500, "api_calls"),
                .charging(400, "api_calls"), .charging(7, "api_calls", tenant: "globex"),
            ])
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "application/json")
        #expect(Reply.names(reply.json) == ["results"])
        #expect(reply.statuses == [200, 429, 200, 200])
        let tenants = reply.results.map { $0.string("tenant") }
        #expect(tenants == ["acme", "acme", "acme", "globex"])
        #expect(reply["results", 0, "limits", 0, "used"] == 600)
        #expect(reply["results", 2, "limits", 0, "used"] == 1000)
        #expect(try await server.admin.usage().used(Self.calls) == 1000)
        #expect(try await server.admin.usage("globex").used(Self.calls) == 7)
    }

    @Test("a result has the members of the single answer, and its status")
    func members() async throws {
        let server = try await TestServer()
        let single = try await server.admin.consume(1, "api_calls")
        let refusal = try await server.admin.consume(1001, "api_calls")
        let wrong = try await server.admin.consume(0, "api_calls")
        let reply = try await server.admin.batch(
            "consume",
            [
                .charging(1, "api_calls"), .charging(1001, "api_calls"),
                .charging(0, "api_calls"),
            ])
        #expect(reply.statuses == [200, 429, 422])
        #expect(reply["results", 0, "replayed"] != true)
        let admitted = try #require(reply["results", 0]).without("replayed")
        #expect(Reply.names(admitted) == (Reply.names(single.json) + ["status"]).sorted())
        #expect(Reply.names(reply["results", 1]) == Reply.names(refusal.json))
        #expect(Reply.names(reply["results", 2]) == Reply.names(wrong.json))
        #expect(reply["results", 1, "type"] == refusal["type"])
        #expect(reply["results", 1, "denied_by", "id"] == .string(Self.calls))
        #expect(reply["results", 1, "denied_by", "available"] == 998)
    }

    @Test("whatever happens in the middle harms nobody else")
    func independence() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "asleep", "status": "suspended"])
        let reply = try await server.admin.batch(
            "consume",
            [
                .charging(1, "api_calls"),
                .charging(1, "gpu_hours"),
                .charging(1, "api_calls", tenant: "asleep"),
                .charging(1, "api_calls", key: "k_nobody"),
                .charging(1001, "api_calls"),
                .charging(1, "api_calls", tenant: ""),
                .charging(1, "api_calls", tenant: nil),
                5,
                .charging(1, "storage_gb"),
                .charging(2, "api_calls"),
            ])
        #expect(reply.status == 200)
        #expect(reply.statuses == [200, 422, 403, 404, 429, 422, 422, 422, 422, 200])
        #expect(reply["results", 2, "denied_by", "reason"] == "suspended")
        #expect(try await server.admin.usage().used(Self.calls) == 3)
        #expect(try await server.admin.usage("asleep").used(Self.calls) == 0)
    }

    @Test("results that come at once, later and never stand in the order of the items")
    func gaps() async throws {
        let server = try await TestServer()
        let known = ["acme", "globex", "initech"]
        // The second request of a tenant is decided at once.
        for tenant in known { _ = try await server.admin.consume(1, "api_calls", tenant: tenant) }
        var random = SeededRandom(seed: 41)
        var used = Dictionary(uniqueKeysWithValues: known.map { ($0, Int64(1)) })
        for round in 0..<40 {
            var (items, tenants): ([JSONValue], [String?]) = ([], [])
            for number in 0..<Int.random(in: 1...12, using: &random) {
                let fresh = "fresh-\(round)-\(number)"
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    items.append(.charging(0, "api_calls"))
                    tenants.append(nil)
                case 1:
                    items.append(.charging(1, "api_calls", tenant: fresh))
                    tenants.append(fresh)
                case 2:
                    items.append(
                        .charging(1, "api_calls").with("idempotency_key", .string(fresh)))
                    tenants.append("acme")
                default:
                    let tenant = known.randomElement(using: &random) ?? "acme"
                    items.append(.charging(1, "api_calls", tenant: tenant))
                    tenants.append(tenant)
                }
            }
            let reply = try await server.admin.batch("consume", items)
            #expect(reply.results.count == items.count)
            for (place, tenant) in tenants.enumerated() {
                guard let tenant else {
                    #expect(
                        reply["results", .place(place), "pointer"]
                            == .string("/items/\(place)/charges/0/amount"))
                    continue
                }
                used[tenant, default: 0] += 1
                let expected = used[tenant] ?? 0
                #expect(reply["results", .place(place), "status"] == 200)
                #expect(reply["results", .place(place), "tenant"] == .string(tenant))
                #expect(
                    reply["results", .place(place), "limits", 0, "used"]
                        == .number(JSONNumber(expected)), "round \(round), item \(place)")
            }
        }
    }

    @Test("without automatic creation an unknown tenant's item is 404, the others pass")
    func unknownTenant() async throws {
        let server = try await TestServer(createsTenants: false)
        _ = try await server.admin.createTenant(["id": "acme"])
        let reply = try await server.admin.batch(
            "consume",
            [.charging(1, "api_calls", tenant: "nobody"), .charging(1, "api_calls")])
        #expect(reply.statuses == [404, 200])
        expectProblem(try await server.admin.usage("nobody"), 404)
    }

    @Test("a tenant's key speaks for its own tenant only, item by item")
    func foreignTenant() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.createTenant(["id": "globex"])
        let key = try await server.admin.createKey()
        let foreign = try await server.admin.createKey(of: "globex")
        for operation in ["consume", "check", "reserve"] {
            let reply = try await server.bearer(key.text)
                .batch(
                    operation,
                    [
                        [:], ["tenant": "globex"], ["tenant": "acme"], ["tenant": "nobody"],
                        ["key": .string(foreign.id)], [:],
                    ])
            let passed: Int64 = operation == "reserve" ? 201 : 200
            #expect(reply.statuses == [passed, 403, passed, 403, 403, passed], "\(operation)")
        }
        #expect(try await server.admin.usage("globex").used(Self.calls) == 0)
        #expect(try await server.admin.usage().used(Self.calls) == 6)
        expectProblem(try await server.admin.usage("nobody"), 404)
    }

    @Test("check answers each item and charges nothing")
    func check() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "check",
            [
                .charging(1000, "api_calls"), .charging(1001, "api_calls"),
                .charging(1000, "api_calls"), .charging(0, "api_calls"),
            ])
        #expect(reply.statuses == [200, 200, 200, 422])
        let allowed = reply.results.map { $0["allowed"] }
        #expect(allowed == [true, false, true, nil])
        #expect(reply["results", 1, "denied_by", "available"] == 1000)
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("reserve makes a reservation of each item, which settles by itself")
    func reserve() async throws {
        let server = try await TestServer()
        let tokens = "tenant:ai_tokens/month"
        let reply = try await server.admin.batch(
            "reserve",
            [
                .charging(500, "ai_tokens").with("ttl_ms", 1000),
                .charging(100_000, "ai_tokens"),
                .charging(300, "ai_tokens").with("on_expiry", "void"),
            ])
        #expect(reply.statuses == [201, 429, 201])
        #expect(reply["results", 0, "expires_at"] == "2026-11-21T10:00:01.123Z")
        #expect(reply["results", 1, "reservation_id"] == nil)
        let first = reply["results", 0]?.string("reservation_id") ?? ""
        let third = reply["results", 2]?.string("reservation_id") ?? ""
        #expect(try await server.admin.usage().limit(tokens)?["held"] == 800)
        #expect(try await server.admin.settle(first, [.charge(7, "ai_tokens")]).status == 200)
        #expect(try await server.admin.void(third).status == 200)
        #expect(try await server.admin.usage().used(tokens) == 7)
    }

    @Test("when nothing can be recorded each item is 503")
    func unavailable() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        server.ledger.fail(.gone)
        let reply = try await server.admin.batch(
            "consume", [.charging(1, "api_calls"), .charging(0, "api_calls")])
        #expect(reply.status == 200)
        #expect(reply.statuses == [503, 422])
        server.ledger.fail(nil)
        #expect(try await server.admin.usage().used(Self.calls) == 0)
    }
}
