import StrictJSON
import Testing

@Suite("idempotency keys in a batch")
struct BatchIdempotencyTests {
    private static let calls = "tenant:api_calls/month"

    private func keyed(_ key: String, _ amount: Int64 = 1, tenant: String = "acme") -> JSONValue {
        .charging(amount, "api_calls", tenant: tenant).with("idempotency_key", .string(key))
    }

    @Test("a repeated batch replays each item and charges nothing")
    func replay() async throws {
        let server = try await TestServer()
        let items = [keyed("a"), keyed("b", 5), .charging(1, "api_calls")]
        let first = try await server.admin.batch("consume", items)
        let second = try await server.admin.batch("consume", items)
        #expect(first.statuses == [200, 200, 200])
        #expect(second.statuses == [200, 200, 200])
        #expect(first.results.map { $0["replayed"] == true } == [false, false, false])
        #expect(second.results.map { $0["replayed"] == true } == [true, true, false])
        #expect(second["results", 1, "decision_id"] == first["results", 1, "decision_id"])
        #expect(second["results", 1, "limits"] == first["results", 1, "limits"])
        #expect(try await server.admin.usage().used(Self.calls) == 8)
    }

    @Test("the same key twice in a batch: the second replays")
    func twiceTheSame() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch("consume", [keyed("a", 3), keyed("a", 3)])
        #expect(reply.statuses == [200, 200])
        #expect(reply["results", 0, "replayed"] != true)
        #expect(reply["results", 1, "replayed"] == true)
        #expect(reply["results", 1, "decision_id"] == reply["results", 0, "decision_id"])
        #expect(try await server.admin.usage().used(Self.calls) == 3)
    }

    @Test("the same key twice in a batch with another body: the second is 422")
    func twiceAnother() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "consume", [keyed("a", 3), keyed("a", 4), keyed("b", 1)])
        #expect(reply.statuses == [200, 422, 200])
        #expect(try await server.admin.usage().used(Self.calls) == 4)
    }

    @Test("a key is the same in a batch and in a request of its own")
    func acrossRoutes() async throws {
        let server = try await TestServer()
        let single = try await server.admin.consume(keyed("a", 3))
        let batch = try await server.admin.batch("consume", [keyed("a", 3), keyed("b", 2)])
        #expect(batch["results", 0, "replayed"] == true)
        #expect(batch["results", 0, "decision_id"] == single["decision_id"])
        let replay = try await server.admin.consume(keyed("b", 2))
        #expect(replay.header("Idempotency-Replayed") == "true")
        #expect(replay["decision_id"] == batch["results", 1, "decision_id"])
        #expect(try await server.admin.usage().used(Self.calls) == 5)
    }

    @Test("the same key of two tenants is two keys")
    func twoTenants() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "consume", [keyed("a", 3), keyed("a", 4, tenant: "globex")])
        #expect(reply.statuses == [200, 200])
        #expect(reply["results", 1, "replayed"] != true)
        #expect(try await server.admin.usage("globex").used(Self.calls) == 4)
    }

    @Test("refusals and errors are not stored")
    func refusals() async throws {
        let server = try await TestServer()
        let refused = try await server.admin.batch(
            "consume", [keyed("a", 1001), keyed("b", 0), keyed("a", 5), keyed("b", 6)])
        #expect(refused.statuses == [429, 422, 200, 200])
        #expect(refused.results.allSatisfy { $0["replayed"] != true })
        #expect(try await server.admin.usage().used(Self.calls) == 11)
    }

    @Test("a repeated reservation is the same reservation")
    func reserve() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch("reserve", [keyed("a", 5), keyed("a", 5)])
        #expect(reply.statuses == [201, 201])
        #expect(reply["results", 1, "replayed"] == true)
        #expect(
            reply["results", 0, "reservation_id"] == reply["results", 1, "reservation_id"])
        #expect(try await server.admin.usage().limit(Self.calls)?["held"] == 5)
    }

    @Test("a header with a key is refused: it would be the key of every item")
    func header() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "consume", [["tenant": "acme"]], headers: ["Idempotency-Key": "\"a\""])
        expectProblem(reply, 422)
        expectProblem(try await server.admin.usage(), 404)
    }
}
