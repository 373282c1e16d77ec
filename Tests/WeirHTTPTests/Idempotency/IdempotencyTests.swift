import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@Suite("idempotency keys")
struct IdempotencyTests {
    private static let calls = "tenant:api_calls/month"
    private static let replayed = "Idempotency-Replayed"

    /// Where a request carries its key.
    enum Place: CaseIterable {
        case quotedHeader
        case bareHeader
        case body
        case headerAndBody
    }

    private func consume(
        _ key: String,
        in place: Place,
        amount: Int64 = 1,
        tenant: String = "acme",
        as client: Client
    ) async throws -> Reply {
        var body =
            JSONValue.charging(amount, "api_calls", tenant: tenant).objectValue ?? JSONObject()
        var headers: [String: String] = [:]
        switch place {
        case .quotedHeader, .headerAndBody: headers["Idempotency-Key"] = "\"\(key)\""
        case .bareHeader: headers["Idempotency-Key"] = key
        case .body: break
        }
        if place == .body || place == .headerAndBody { body["idempotency_key"] = .string(key) }
        return try await client.consume(.object(body), headers: headers)
    }

    @Test(
        "a repeat gets the stored answer, byte by byte, and charges nothing",
        arguments: Place.allCases)
    func replay(place: Place) async throws {
        let server = try await TestServer()
        let first = try await consume("order-17", in: place, as: server.admin)
        server.clock.advance(by: .seconds(5))
        let second = try await consume("order-17", in: place, as: server.admin)
        #expect(first.status == 200)
        #expect(first.header(Self.replayed) == nil)
        #expect(second.status == 200)
        #expect(second.text == first.text)
        #expect(second.header(Self.replayed) == "true")
        for name in ["Content-Type", "RateLimit", "RateLimit-Policy"] {
            #expect(second.header(name) == first.header(name), "\(name)")
        }
        #expect(try await server.admin.usage().used(Self.calls) == 1)
    }

    @Test("header and body name the same key, wherever it stands")
    func samePlaces() async throws {
        let server = try await TestServer()
        let replies = [
            try await consume("order-17", in: .quotedHeader, as: server.admin),
            try await consume("order-17", in: .bareHeader, as: server.admin),
            try await consume("order-17", in: .body, as: server.admin),
            try await consume("order-17", in: .headerAndBody, as: server.admin),
        ]
        #expect(replies.allSatisfy { $0.text == replies[0].text })
        #expect(try await server.admin.usage().used(Self.calls) == 1)
    }

    @Test("two keys in one request that differ are refused")
    func contradiction() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(
            ["tenant": "acme", "idempotency_key": "a"], headers: ["Idempotency-Key": "\"b\""])
        expectProblem(reply, 422)
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("another body under the same key is refused and charges nothing")
    func otherBody() async throws {
        let server = try await TestServer()
        _ = try await consume("order-17", in: .body, as: server.admin)
        let other = try await consume("order-17", in: .body, amount: 2, as: server.admin)
        expectProblem(other, 422)
        #expect(other.header(Self.replayed) == nil)
        let reserve = try await server.admin.reserve([
            "tenant": "acme", "charges": [.charge(1, "api_calls")],
            "idempotency_key": "order-17",
        ])
        expectProblem(reserve, 422)
        #expect(try await server.admin.usage().used(Self.calls) == 1)
        let again = try await consume("order-17", in: .body, as: server.admin)
        #expect(again.header(Self.replayed) == "true")
    }

    @Test("white space and the order of members make no other body")
    func memberOrder() async throws {
        let server = try await TestServer()
        let first = try await server.admin.post(
            "/api/v1/consume",
            text: #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":1}],"#
                + #""metadata":{"a":1,"b":[1,2]},"idempotency_key":"k"}"#)
        let second = try await server.admin.post(
            "/api/v1/consume",
            text: #"{ "idempotency_key": "k", "metadata": {"b":[1,2], "a":1},"#
                + "\n"
                + #" "charges": [{"amount":1,"meter":"api_calls"}], "tenant":"\u0061cme" }"#)
        #expect(first.status == 200)
        #expect(second.status == 200)
        #expect(second.text == first.text)
        #expect(second.header(Self.replayed) == "true")
    }

    @Test("a repeated reservation is the same reservation")
    func reserve() async throws {
        let server = try await TestServer()
        let body = JSONValue.charging(500, "ai_tokens")
        let headers = ["Idempotency-Key": "\"r-1\""]
        let first = try await server.admin.reserve(body, headers: headers)
        let second = try await server.admin.reserve(body, headers: headers)
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(second.text == first.text)
        #expect(second.header(Self.replayed) == "true")
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == 500)
    }

    @Test("the same key of two tenants is two keys")
    func twoTenants() async throws {
        let server = try await TestServer()
        let acme = try await consume("k", in: .body, tenant: "acme", as: server.admin)
        let globex = try await consume("k", in: .body, tenant: "globex", as: server.admin)
        #expect(acme["tenant"] == "acme")
        #expect(globex["tenant"] == "globex")
        #expect(globex.header(Self.replayed) == nil)
        #expect(try await server.admin.usage("globex").used(Self.calls) == 1)
    }

    @Test("keys are compared byte by byte")
    func bytes() async throws {
        let server = try await TestServer()
        for key in ["caf\u{E9}", "cafe\u{301}", "K", "k"] {
            let reply = try await consume(key, in: .body, as: server.admin)
            #expect(reply.status == 200)
            #expect(reply.header(Self.replayed) == nil)
        }
        #expect(try await server.admin.usage().used(Self.calls) == 4)
    }

    @Test("refusals are not stored: after a top-up of the plan the same request passes")
    func refusals() async throws {
        let server = try await TestServer()
        let refused = try await consume("k", in: .bareHeader, amount: 1001, as: server.admin)
        #expect(refused.status == 429)
        let again = try await consume("k", in: .bareHeader, amount: 1001, as: server.admin)
        #expect(again.status == 429)
        #expect(again.header(Self.replayed) == nil)
        #expect(again["decision_id"] != refused["decision_id"])
        _ = try await server.admin.putPlan("free", [.limit(2000, "api_calls", per: "month")])
        let passed = try await consume("k", in: .bareHeader, amount: 1001, as: server.admin)
        #expect(passed.status == 200)
        let replay = try await consume("k", in: .bareHeader, amount: 1001, as: server.admin)
        #expect(replay.text == passed.text)
    }

    @Test("errors are not stored: the corrected request may use the key again")
    func errors() async throws {
        let server = try await TestServer()
        let wrong = try await consume("k", in: .body, amount: 0, as: server.admin)
        #expect(wrong.status == 422)
        let right = try await consume("k", in: .body, amount: 5, as: server.admin)
        #expect(right.status == 200)
    }

    @Test("the answer is looked up before any limit")
    func beforeLimits() async throws {
        let server = try await TestServer()
        let first = try await consume("k", in: .body, amount: 1000, as: server.admin)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        let replay = try await consume("k", in: .body, amount: 1000, as: server.admin)
        #expect(replay.status == 200)
        #expect(replay.text == first.text)
    }

    @Test("an answer is kept for 24 hours")
    func window() async throws {
        let server = try await TestServer()
        _ = try await consume("k", in: .body, as: server.admin)
        server.clock.advance(by: .seconds(24 * 3600))
        server.clock.advance(nanoseconds: -1)
        _ = try await server.node.sweep()
        let inside = try await consume("k", in: .body, as: server.admin)
        #expect(inside.header(Self.replayed) == "true")
        server.clock.advance(nanoseconds: 1)
        _ = try await server.node.sweep()
        let outside = try await consume("k", in: .body, amount: 2, as: server.admin)
        #expect(outside.status == 200)
        #expect(outside.header(Self.replayed) == nil)
        #expect(try await server.admin.usage().used(Self.calls) == 3)
    }

    @Test("answers are bounded in count: the oldest go first")
    func bounded() async throws {
        var settings = NodeSettings()
        settings.maximumAnswers = 2
        let server = try await TestServer(settings: settings)
        for key in ["a", "b", "c"] {
            _ = try await consume(key, in: .body, as: server.admin)
            server.clock.advance(by: .seconds(1))
        }
        _ = try await server.node.sweep()
        let newest = try await consume("c", in: .body, as: server.admin)
        #expect(newest.header(Self.replayed) == "true")
        let oldest = try await consume("a", in: .body, as: server.admin)
        #expect(oldest.header(Self.replayed) == nil)
    }
}
