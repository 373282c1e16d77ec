import StrictJSON
import Testing

@Suite("limits of what is held at once")
struct ConcurrencyTests {
    private static let id = "tenant:api_calls/concurrent"

    private func server(_ limit: JSONValue) async throws -> TestServer {
        let server = try await TestServer()
        let plan: JSONValue = [
            "name": "Free", "weight": 1,
            "limits": [
                ["meter": "api_calls", "window": "month", "limit": 1000], limit,
            ],
        ]
        let put = try await server.admin.put("/api/admin/plans/free", plan)
        #expect(put.status == 200, "\(put.text)")
        return server
    }

    @Test("what is too much at once is refused for a second, and free when it ends")
    func slots() async throws {
        let server = try await server(
            ["meter": "api_calls", "window": "concurrent", "limit": 2])
        let first = try await server.admin.reserve(.charging(2, "api_calls"))
        #expect(first.status == 201)
        #expect(first.limit(Self.id)?["used"] == 2)
        #expect(first.limit(Self.id)?["remaining"] == 0)
        #expect(first.limit(Self.id)?["reset_at"] == .null)
        let refused = try await server.admin.reserve(.charging(1, "api_calls"))
        expectRefusal(refused, by: Self.id, reason: "concurrency_exceeded")
        #expect(refused.header("Retry-After") == "1")
        #expect(refused.string("type").hasSuffix("#quota-exceeded"))
        let consumed = try await server.admin.consume(5, "api_calls")
        #expect(consumed.status == 200)
        #expect(consumed.limit(Self.id) == nil)
        #expect(try await server.admin.usage().limit(Self.id)?["used"] == 2)
        let id = first.string("reservation_id")
        #expect(try await server.admin.settle(id, [.charge(2, "api_calls")]).status == 200)
        #expect(try await server.admin.usage().limit(Self.id)?["used"] == 0)
        #expect(try await server.admin.reserve(.charging(2, "api_calls")).status == 201)
        let raised = try await server.admin.override(
            ["limit": 3], on: "api_calls/concurrent")
        #expect(raised.status == 201)
        #expect(try await server.admin.reserve(.charging(1, "api_calls")).status == 201)
        #expect(try await server.admin.reset("api_calls", "concurrent").status == 409)
    }

    @Test("an organization has none")
    func organizations() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.put(
            "/api/admin/organizations/acme-group",
            [
                "name": "Group",
                "limits": [["meter": "api_calls", "window": "concurrent", "limit": 2]],
            ])
        expectProblem(reply, 422, pointer: "/limits/0/window")
    }

    @Test("it has no burst, and periods do not end its override")
    func shape() async throws {
        let server = try await TestServer()
        let plan = try await server.admin.put(
            "/api/admin/plans/free",
            [
                "name": "Free", "weight": 1,
                "limits": [
                    ["meter": "api_calls", "window": "concurrent", "limit": 2, "burst": 3]
                ],
            ])
        expectProblem(plan, 422)
        _ = try await server.admin.createTenant(["id": "acme"])
        let override = try await server.admin.override(
            ["limit": 3, "periods": 1], on: "api_calls/concurrent")
        expectProblem(override, 422)
    }
}
