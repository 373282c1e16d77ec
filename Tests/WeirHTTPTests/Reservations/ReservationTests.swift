import StrictJSON
import Testing

@Suite("reservations")
struct ReservationTests {
    private static let tokens = "tenant:ai_tokens/month"

    @Test("reserve answers 201 with the reservation and the decision")
    func reserve() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.reserve(.charging(500, "ai_tokens"))
        #expect(reply.status == 201)
        #expect(!reply.string("reservation_id").isEmpty)
        #expect(reply["expires_at"] == "2026-11-21T10:01:00.123Z")
        #expect(reply["allowed"] == true)
        let limit = try #require(reply.limit(Self.tokens))
        #expect(limit["used"] == 500)
        #expect(limit["held"] == 500)
        #expect(limit["suspect"] == 0)
        #expect(limit["remaining"] == 99_500)
        #expect(reply.header("RateLimit") != nil)
    }

    @Test("a reservation counts against the limit, and a refused one holds nothing")
    func counts() async throws {
        let server = try await TestServer()
        #expect(try await server.admin.reserve(.charging(99_999, "ai_tokens")).status == 201)
        let refused = try await server.admin.reserve(.charging(2, "ai_tokens"))
        expectRefusal(refused, by: Self.tokens)
        #expect(refused["reservation_id"] == nil)
        #expect(try await server.admin.consume(1, "ai_tokens").status == 200)
    }

    @Test(
        "settling books the true use and gives the rest back",
        arguments: [0, 1, 499, 500, 501, 100_001] as [Int64])
    func settle(amount: Int64) async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(.charging(500, "ai_tokens"))
        let id = reserved.string("reservation_id")
        let settled = try await server.admin.settle(id, [.charge(amount, "ai_tokens")])
        #expect(settled.status == 200)
        #expect(settled["reservation_id"] == .string(id))
        let usage = try await server.admin.usage()
        let limit = try #require(usage.limit(Self.tokens))
        #expect(limit["used"]?.integerValue == amount)
        #expect(limit["held"] == 0)
        #expect(limit["remaining"]?.integerValue == max(0, 100_000 - amount))
        let next = try await server.admin.consume(1, "ai_tokens")
        #expect(next.status == (amount >= 100_000 ? 429 : 200))
    }

    @Test("a held meter that the settle omits settles as held")
    func omitted() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve([
            "tenant": "acme", "charges": [.charge(2, "api_calls"), .charge(500, "ai_tokens")],
        ])
        let id = reserved.string("reservation_id")
        let settled = try await server.admin.settle(id, [.charge(120, "ai_tokens")])
        #expect(settled.status == 200)
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/month") == 2)
        #expect(usage.used(Self.tokens) == 120)
    }

    @Test("a meter that was not held is refused and changes nothing")
    func notHeld() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(.charging(500, "ai_tokens"))
        let id = reserved.string("reservation_id")
        let reply = try await server.admin.settle(
            id, [.charge(120, "ai_tokens"), .charge(1, "api_calls")])
        expectProblem(reply, 422, pointer: "/charges/1/meter")
        let usage = try await server.admin.usage()
        #expect(usage.limit(Self.tokens)?["held"] == 500)
        #expect(try await server.admin.settle(id, [.charge(120, "ai_tokens")]).status == 200)
    }

    @Test("voiding gives everything back")
    func void() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(.charging(100_000, "ai_tokens"))
        #expect(try await server.admin.consume(1, "ai_tokens").status == 429)
        let voided = try await server.admin.void(reserved.string("reservation_id"))
        #expect(voided.status == 200)
        let usage = try await server.admin.usage()
        #expect(usage.limit(Self.tokens)?["used"] == 0)
        #expect(usage.limit(Self.tokens)?["held"] == 0)
        #expect(try await server.admin.consume(100_000, "ai_tokens").status == 200)
    }

    @Test("void needs no body")
    func voidWithoutBody() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(["tenant": "acme"])
        let id = reserved.string("reservation_id")
        let reply = try await server.admin.send("POST", "/api/v1/reservations/\(id)/void")
        #expect(reply.status == 200)
    }

    @Test("the first outcome stands: a repeat answers the same, the other verb is 409")
    func firstOutcomeStands() async throws {
        let server = try await TestServer()
        let settles = try await server.admin.reserve(.charging(500, "ai_tokens"))
            .string("reservation_id")
        let first = try await server.admin.settle(settles, [.charge(120, "ai_tokens")])
        let same = try await server.admin.settle(settles, [.charge(120, "ai_tokens")])
        let other = try await server.admin.settle(settles, [.charge(300, "ai_tokens")])
        #expect(same.status == 200)
        #expect(same.text == first.text)
        #expect(other.status == 200)
        #expect(other.text == first.text)
        expectProblem(try await server.admin.void(settles), 409)

        let voids = try await server.admin.reserve(.charging(500, "ai_tokens"))
            .string("reservation_id")
        let voided = try await server.admin.void(voids)
        #expect(try await server.admin.void(voids).text == voided.text)
        expectProblem(try await server.admin.settle(voids, [.charge(1, "ai_tokens")]), 409)
        #expect(try await server.admin.usage().used(Self.tokens) == 120)
    }

    @Test("GET shows a reservation as it stands")
    func get() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(.charging(500, "ai_tokens"))
        let id = reserved.string("reservation_id")
        let held = try await server.admin.reservation(id)
        #expect(held.status == 200)
        #expect(held["reservation_id"] == .string(id))
        #expect(held["expires_at"] == reserved["expires_at"])
        #expect(held["tenant"] == "acme")
        let settled = try await server.admin.settle(id, [.charge(120, "ai_tokens")])
        #expect(try await server.admin.reservation(id).text == settled.text)
        #expect(held["state"] != settled["state"])
    }

    @Test("an unknown id is 404 for every verb", arguments: ["r_node.1.00000009", "x", "..", "{}"])
    func unknown(id: String) async throws {
        let server = try await TestServer()
        let encoded = id == "{}" ? "%7B%7D" : id == ".." ? "%2E%2E" : id
        expectProblem(try await server.admin.reservation(encoded), 404)
        expectProblem(try await server.admin.settle(encoded, [.charge(1, "ai_tokens")]), 404)
        expectProblem(try await server.admin.void(encoded), 404)
    }

    @Test("a foreign tenant's key sees the same as for an id that never was")
    func foreign() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "globex"])
        let client = server.bearer(try await server.admin.createKey(of: "globex").text)
        let id = try await server.admin.reserve(.charging(500, "ai_tokens"))
            .string("reservation_id")
        let missing = "r_node.1.0000zzzz"
        let charges: JSONValue = [.charge(1, "ai_tokens")]
        let pairs = [
            (try await client.reservation(id), try await client.reservation(missing)),
            (try await client.settle(id, charges), try await client.settle(missing, charges)),
            (try await client.void(id), try await client.void(missing)),
        ]
        for (foreign, unknown) in pairs {
            expectProblem(foreign, 404)
            let text = foreign.text.replacing(id, with: missing)
            #expect(text == unknown.text)
        }
        #expect(try await server.admin.usage().limit(Self.tokens)?["held"] == 500)
    }

    @Test("a tenant's own key settles its reservations")
    func own() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let client = server.bearer(try await server.admin.createKey().text)
        let reserved = try await client.reserve(.charging(500, "ai_tokens", tenant: nil))
        #expect(reserved.status == 201)
        let id = reserved.string("reservation_id")
        #expect(try await client.settle(id, [.charge(1, "ai_tokens")]).status == 200)
        #expect(try await client.reservation(id).status == 200)
    }
}
