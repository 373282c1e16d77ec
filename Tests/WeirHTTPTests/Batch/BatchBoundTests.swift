import StrictJSON
import Testing

@Suite("what a batch may be")
struct BatchBoundTests {
    private static let calls = "tenant:api_calls/month"

    @Test(
        "a batch has 1 to 1,000 items", arguments: [(0, 422), (1, 200), (1000, 200), (1001, 422)])
    func count(items: Int, status: Int) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.batch(
            "consume", Array(repeating: ["tenant": "acme"], count: items))
        if status == 200 {
            #expect(reply.status == 200)
            #expect(reply.statuses == Array(repeating: 200, count: items))
            #expect(try await server.admin.usage().used(Self.calls) == Int64(items))
        } else {
            expectProblem(reply, status, pointer: "/items")
            expectProblem(try await server.admin.usage(), 404)
        }
    }

    @Test("exactly the limit passes across the items of a batch", arguments: [1, 3])
    func exactLimit(tenants: Int) async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(100, "api_calls", per: "month")])
        let items = (0..<900)
            .map { JSONValue.charging(1, "api_calls", tenant: "t\($0 % tenants)") }
        let reply = try await server.admin.batch("consume", items)
        #expect(reply.statuses.count { $0 == 200 } == 100 * tenants)
        #expect(reply.statuses.count { $0 == 429 } == 900 - 100 * tenants)
        for tenant in 0..<tenants {
            #expect(try await server.admin.usage("t\(tenant)").used(Self.calls) == 100)
        }
    }

    @Test("exactly the limit passes across batches at the same time")
    func concurrentBatches() async throws {
        let server = try await TestServer()
        let passed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let reply = try await server.admin.batch(
                        "consume", Array(repeating: ["tenant": "acme"], count: 200))
                    return reply.statuses.count { $0 == 200 }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(passed == 1000)
        #expect(try await server.admin.usage().used(Self.calls) == 1000)
    }

    @Test(
        "operation and items are checked where they stand",
        arguments: [
            (#"{"items":[{}]}"#, "/operation"),
            (#"{"operation":"settle","items":[{}]}"#, "/operation"),
            (#"{"operation":5,"items":[{}]}"#, "/operation"),
            (#"{"operation":"consume"}"#, "/items"),
            (#"{"operation":"consume","items":{}}"#, "/items"),
            (#"{"operation":"consume","items":null}"#, "/items"),
            (#"{"operation":"consume","items":[{}],"tenant":"acme"}"#, "/tenant"),
        ])
    func wrongBody(body: String, pointer: String) async throws {
        let server = try await TestServer()
        expectProblem(
            try await server.admin.post("/api/v1/batch", text: body), 422, pointer: pointer)
    }

    @Test("broken JSON and a member twice are 400, and nothing is done")
    func malformed() async throws {
        let server = try await TestServer()
        for body in [
            #"{"operation":"consume","items":[{"tenant":"acme"},]}"#,
            #"{"operation":"consume","items":[{"tenant":"acme"},{"tenant":"a","tenant":"b"}]}"#,
        ] {
            expectProblem(try await server.admin.post("/api/v1/batch", text: body), 400)
        }
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("an error of an item points into the item")
    func pointers() async throws {
        let server = try await TestServer()
        let items: [JSONValue] = [
            ["tenant": "acme"],
            .charging(0, "api_calls"),
            .charging(1, "gpu_hours"),
            ["tenant": "acme", "tenat": "acme"],
            ["tenant": "acme", "ttl_ms": 5],
            ["tenant": "acme", "charges": []],
            ["tenant": "a\nb"],
            [:],
            5,
            ["tenant": "acme", "idempotency_key": ""],
        ]
        let reply = try await server.admin.batch("consume", items)
        #expect(reply.statuses == [200] + Array(repeating: 422, count: 9))
        let pointers = reply.results.map { $0.string("pointer") }
        #expect(
            pointers == [
                "", "/items/1/charges/0/amount", "/items/2/charges/0/meter", "/items/3/tenat",
                "/items/4/ttl_ms", "/items/5/charges", "/items/6/tenant", "/items/7/tenant",
                "/items/8", "/items/9/idempotency_key",
            ])
        let reserved = try await server.admin.batch(
            "reserve", [["tenant": "acme", "ttl_ms": 0], ["tenant": "acme", "on_expiry": "x"]])
        #expect(
            reserved.results.map { $0.string("pointer") }
                == ["/items/0/ttl_ms", "/items/1/on_expiry"])
    }

    @Test("a batch is at most 1 MiB, and takes no method but POST")
    func size() async throws {
        let server = try await TestServer()
        let body = Array(repeating: UInt8(ascii: " "), count: 1_048_577)
        let reply = try await server.admin.send("POST", "/api/v1/batch", bytes: body)
        expectProblem(reply, 413)
        expectProblem(try await server.anonymous.batch("consume", [[:]]), 401)
    }
}
