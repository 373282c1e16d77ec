import NIOCore
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing
import WeirHTTP

@Suite("GET /api/v1/explain")
struct ExplainTests {
    private static let path = "/api/v1/explain/"

    /// A server with a tenant that may use ten calls a month, and a key of it.
    private func server(_ body: (TestServer, String) async throws -> Void) async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "small", [.limit(10, "api_calls", per: "month")])
        _ = try await server.admin.putPlan(
            "large", [.limit(1_000, "api_calls", per: "month")])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "small"])
        _ = try await server.admin.createTenant(["id": "globex", "plan": "small"])
        try await body(server, try await server.admin.createKey().text)
    }

    private func id(_ reply: Reply) -> String { reply.string("decision_id") }

    @Test("tells a refusal as it was, whatever has happened since")
    func refusal() async throws {
        try await server { server, key in
            let client = server.bearer(key)
            let refused = try await client.post(
                "/api/v1/consume", ["charges": [["meter": "api_calls", "amount": 11]]])
            expectRefusal(refused, by: "tenant:api_calls/month")
            #expect(try await client.post("/api/v1/consume", [:]).status == 200)
            let told = try await client.get(Self.path + id(refused))
            #expect(told.status == 200, "\(told.text)")
            for name in [
                "allowed", "decision_id", "tenant", "key", "plan", "as_of", "limits", "denied_by",
                "warnings", "violated-policies",
            ] {
                #expect(told[.name(name)] == refused[.name(name)], "\(name)")
            }
            #expect(told["denied_by", "upgrade", "plan"]?.stringValue != nil)
            #expect(told["limits", 0, "used"] == 0)
        }
    }

    @Test("a tenant's key sees its own alone, service keys and the administrator any")
    func isolation() async throws {
        try await server { server, key in
            let other = try await server.admin.consume(11, "api_calls", tenant: "globex")
            #expect(other.status == 429)
            let path = Self.path + id(other)
            let missing = try await server.bearer(key).get(path)
            let unknown = try await server.bearer(key)
                .get(Self.path + "d_01kajnzhkvtc9f7wq3x5r8z2m4")
            expectProblem(missing, 404)
            expectProblem(unknown, 404)
            #expect(
                missing.string("detail").replacing(id(other), with: "")
                    == unknown.string("detail").replacing("d_01kajnzhkvtc9f7wq3x5r8z2m4", with: ""))
            expectProblem(try await server.bearer(key).get(path + "?tenant=globex"), 403)
            let service = try await server.admin.createServiceKey().text
            for client in [server.admin, server.bearer(service)] {
                #expect(try await client.get(path).status == 200)
                #expect(try await client.get(path + "?tenant=globex").status == 200)
                expectProblem(try await client.get(path + "?tenant=acme"), 404)
                expectProblem(try await client.get(path + "?tenant=nobody"), 404)
            }
        }
    }

    @Test("refusals of every route are kept, and those of check are not")
    func routes() async throws {
        try await server { server, key in
            let client = server.bearer(key)
            let much: JSONValue = ["charges": [["meter": "api_calls", "amount": 11]]]
            func isKnown(_ id: String) async throws -> Bool {
                try await client.get(Self.path + id).status == 200
            }
            let reserved = try await client.post("/api/v1/reserve", much)
            #expect(reserved.status == 429)
            #expect(try await isKnown(id(reserved)))
            let forwarded = try await client.forwardAuth("amount=11")
            #expect(forwarded.status == 429)
            #expect(try await isKnown(id(forwarded)))
            let batch = try await client.batch(
                "consume", [much, [:], much.with("metadata", ["a": 1])])
            let results = try #require(batch["results"]?.arrayValue)
            #expect(results.map { $0.integer("status") } == [429, 200, 429])
            for place in [0, 2] { #expect(try await isKnown(results[place].string("decision_id"))) }
            let check = try await client.post("/api/v1/check", much)
            #expect(check["allowed"] == false)
            #expect(try await !isKnown(id(check)))
            let checks = try await client.batch("check", [much])
            #expect(try await !isKnown(checks["results", 0]?.string("decision_id") ?? ""))
            let suspended = try await server.admin.patchTenant("acme", ["status": "suspended"])
            #expect(suspended.status == 200)
            let barred = try await server.admin.consume(1, "api_calls")
            #expect(barred.status == 403)
            let told = try await server.admin.get(Self.path + id(barred))
            #expect(told["denied_by", "reason"] == "suspended")
        }
    }

    @Test("what is refused at once, on the connection's thread, is kept too")
    func immediate() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("rated", [.limit(5, "api_calls", per: "minute")])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "rated"])
        let key = try await server.admin.createKey().text
        let client = server.bearer(key)
        var refused: String?
        for _ in 0..<40 where refused == nil {
            // The lane is open once the routes have decided.
            let answer = server.answers.answer(
                "/api/v1/consume", authorization: "Bearer \(key)", ByteBuffer(string: "{}"))
            guard let answer else {
                _ = try await client.post("/api/v1/consume", [:])
                continue
            }
            if answer.status == 429 {
                refused = try JSONValue(parsing: answer.body.readableBytesView)
                    .string("decision_id")
            }
        }
        let id = try #require(refused, "nothing was refused at once")
        let told = try await client.get(Self.path + id)
        #expect(told.status == 200)
        #expect(told["denied_by", "reason"] == "rate_exceeded")
    }

    @Test("a reservation is told as it stands when somebody asks")
    func reservation() async throws {
        try await server { server, key in
            let client = server.bearer(key)
            let held = try await client.post(
                "/api/v1/reserve", ["charges": [["meter": "api_calls", "amount": 4]]])
            #expect(held.status == 201)
            let before = try await client.get(Self.path + id(held))
            #expect(before["reservation", "state"] == "held")
            #expect(before["limits", 0, "held"] == 4)
            let path = "/api/v1/reservations/\(held.string("reservation_id"))/settle"
            _ = try await client.post(path, ["charges": [["meter": "api_calls", "amount": 3]]])
            let after = try await client.get(Self.path + id(held))
            #expect(after["reservation", "state"] == "settled")
            #expect(after["reservation", "charges", 0, "settled"] == 3)
            #expect(after["limits", 0, "held"] == 4)
        }
    }

    @Test(
        "what was consumed is found in the ledger, by who may see it",
        arguments: TestServer.Store.allCases)
    func booked(_ store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            let admin = server.admin
            for tenant in ["acme", "globex"] {
                _ = try await admin.createTenant(["id": .string(tenant)])
            }
            let key = try await admin.createKey().text
            for _ in 0..<30 {
                _ = try await server.bearer(key).consume(1, "ai_tokens", tenant: nil)
            }
            let consumed = try await server.bearer(key).consume(7, "ai_tokens", tenant: nil)
            #expect(consumed.status == 200, "\(consumed.text)")
            for _ in 0..<30 {
                _ = try await server.bearer(key).consume(1, "ai_tokens", tenant: nil)
            }
            let path = Self.path + id(consumed)
            for (client, query) in [(server.bearer(key), ""), (admin, "?tenant=acme")] {
                let told = try await client.get(path + query)
                #expect(told.status == 200, "\(told.text)")
                #expect(told["allowed"] == true)
                #expect(told["tenant"] == "acme")
                #expect(told["events"]?.arrayValue?.count == 1)
                #expect(told["events", 0, "units"] == 7)
                #expect(told["events", 0, "id"]?.stringValue == id(consumed))
            }
            expectProblem(try await admin.get(path), 404)
            expectProblem(try await admin.get(path + "?tenant=globex"), 404)
            let rival = try await admin.createKey(of: "globex").text
            expectProblem(try await server.bearer(rival).get(path), 404)
        }
    }

    @Test("a settlement is found by the decision that its note names, without its backend")
    func note() async throws {
        let clock = ManualClock()
        let (files, ledger) = (MemoryFiles(), MemoryLedger(clock: clock.read))
        let server = try await TestServer(on: ledger, clock: clock, files: files)
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey().text
        let held = try await server.admin.post(
            "/api/v1/reserve",
            ["tenant": "acme", "charges": [["meter": "ai_tokens", "amount": 9]]])
        let id = id(held)
        let note = #"{"decision_id":"\#(id)","backend":"10.0.0.7:9001/v1","outcome":"completed"}"#
        _ = try await server.node.settle(
            ReservationID(trusted: held.string("reservation_id")),
            charges: [Charge(meter: MeterID(trusted: "ai_tokens"), amount: 5)], note: note,
            tenant: nil)
        // After a restart only the ledger is left.
        let restarted = try await TestServer(on: ledger, clock: clock, files: files, seed: 2)
        let told = try await restarted.bearer(key).get(Self.path + id)
        #expect(told.status == 200, "\(told.text)")
        #expect(told["events", 0, "units"] == 5)
        #expect(told["events", 0, "metadata", "outcome"] == "completed")
        #expect(!told.text.contains("10.0.0.7"))
        let shown = try await restarted.admin.get(Self.path + id + "?tenant=acme")
        #expect(shown["events", 0, "metadata", "backend"] == "10.0.0.7:9001/v1")
    }

    @Test("a request of the gateway is told by each of its decisions, and no backend to its tenant")
    func request() async throws {
        try await server { server, key in
            server.explanations.addSample(tenant: "acme")
            for id in ["d_first", "d_second"] {
                let told = try await server.admin.get(Self.path + id)
                #expect(told.status == 200, "\(told.text)")
                #expect(told["decision_id"]?.stringValue == id)
                #expect(told["request", "id"] == "mine-1")
                #expect(told["request", "outcome"] == "completed")
                #expect(told["request", "cost"] == "0.000123")
                #expect(told["request", "duration_ms"]?.description == "1500.0")
                let attempts = told["request", "attempts"]?.arrayValue ?? []
                #expect(attempts.map { $0.string("decision_id") } == ["d_first", "d_second"])
                #expect(attempts.map { $0.string("failure") } == ["broken_off", ""])
                #expect(attempts.map { $0.string("backend") }.allSatisfy { !$0.isEmpty })
                #expect(attempts[0]["usage"] == .null)
                #expect(attempts[1]["usage"]?["output_tokens"] == 250)
                #expect(attempts[1]["usage"]?["source"] == "backend")
                let seen = try await server.bearer(key).get(Self.path + id)
                #expect(seen["request", "cost"] == "0.000123")
                #expect(!seen.text.contains("10.0.0.7"))
            }
            let rival = try await server.admin.createKey(of: "globex").text
            expectProblem(try await server.bearer(rival).get(Self.path + "d_first"), 404)
        }
    }

    @Test("hostile ids are missing or refused, and shown as they came")
    func hostile() async throws {
        try await server { server, _ in
            for id in [
                "d_", "x", "d_zzzzzzzzzzzzzzzzzzzzzzzzzz", "d_7zzzzzzzzzzzzzzzzzzzzzzzzz",
                "d_0zzzzzzzzzzzzzzzzzzzzzzzzz", "%22%5C", "d_%C3%A9", "%E2%84%AA", "..", "a%2Fb",
                String(repeating: "d", count: 256), "'%20OR%201=1",
            ] {
                for query in ["", "?tenant=acme"] {
                    let reply = try await server.admin.get(Self.path + id + query)
                    expectProblem(reply, 404, "\(id)")
                }
            }
            for id in [String(repeating: "d", count: 257), "%00", "a%0Ab"] {
                expectProblem(try await server.admin.get(Self.path + id), 422, "\(id)")
            }
            expectProblem(try await server.admin.get(Self.path + "%FF"), 400)
            expectProblem(try await server.admin.get(Self.path + "d_1?surprise=1"), 422)
            expectProblem(try await server.anonymous.get(Self.path + "d_1"), 401)
        }
    }

    @Test("what is missing says how long decisions are kept, and where use is listed")
    func missing() async throws {
        let reply = try await TestServer().admin.get(Self.path + "d_1")
        expectProblem(reply, 404)
        #expect(reply.string("detail").contains("10000"))
        #expect(reply.string("detail").contains("/api/admin/tenants/{id}/events"))
    }
}
