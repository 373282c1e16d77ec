import StrictJSON
import Testing

@Suite("amounts")
struct AmountTests {
    static let illegal = [
        "-1", "0", "-0", "1.5", "1.0", "1e3", "1E3", "1e0", "9007199254740992",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "\"5\"", "\"NaN\"",
        "true", "null", "[]", "{}", "[1]", String(repeating: "9", count: 400),
        "1" + String(repeating: "0", count: 400) + ".0", "1e400", "-1e400",
    ]

    private func body(_ amount: String) -> String {
        #"{"tenant":"acme","charges":[{"meter":"ai_tokens","amount":1},"#
            + #"{"meter":"api_calls","amount":\#(amount)}]}"#
    }

    @Test("what is no amount is refused where it stands, by every operation", arguments: illegal)
    func refused(amount: String) async throws {
        let server = try await TestServer()
        for operation in ["consume", "check", "reserve"] {
            let reply = try await server.admin.post("/api/v1/\(operation)", text: body(amount))
            expectProblem(reply, 422, pointer: "/charges/1/amount", "\(operation)")
            if amount != "null" {
                #expect(
                    reply["detail"]
                        == "charges[1].amount must be an integer from 1 to 9007199254740991")
            }
        }
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("a missing amount and a missing meter are refused where they would stand")
    func missing() async throws {
        let server = try await TestServer()
        let amount = try await server.admin.consume([
            "tenant": "acme", "charges": [["meter": "api_calls"]],
        ])
        expectProblem(amount, 422, pointer: "/charges/0/amount")
        let meter = try await server.admin.consume([
            "tenant": "acme", "charges": [["amount": 1]],
        ])
        expectProblem(meter, 422, pointer: "/charges/0/meter")
    }

    @Test(
        "what is no JSON is 400",
        arguments: ["NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "0x10", "1_000", "-"])
    func malformed(amount: String) async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.post("/api/v1/consume", text: body(amount)), 400)
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("the largest amount is legal")
    func largest() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        let reply = try await server.admin.post(
            "/api/v1/consume", text: body("9007199254740991"))
        #expect(reply.status == 200)
        #expect(reply.used("tenant:api_calls/month") == 9_007_199_254_740_991)
    }

    @Test("no sum of legal amounts stops the server")
    func sums() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        let most: Int64 = 9_007_199_254_740_991
        // 1,100 times the largest amount is more than 64 bits hold.
        var statuses: Set<Int> = []
        for _ in 0..<1100 {
            statuses.insert(try await server.admin.consume(most, "api_calls").status)
        }
        #expect(statuses.isSubset(of: [200, 422, 429]))
        let used = try await server.admin.usage().used("tenant:api_calls/month")
        #expect(used > 0)
        #expect(used % most == 0)
        #expect(try await server.admin.get("/api/admin/quota/usage").status == 200)
    }

    @Test("settle takes 0, and nothing else that is no amount", arguments: illegal)
    func settle(amount: String) async throws {
        let server = try await TestServer()
        let id = try await server.admin.reserve(.charging(5, "api_calls"))
            .string("reservation_id")
        let isLegal = amount == "0" || amount == "-0"
        let reply = try await server.admin.post(
            "/api/v1/reservations/\(id)/settle",
            text: #"{"charges":[{"meter":"api_calls","amount":\#(amount)}]}"#)
        if isLegal {
            #expect(reply.status == 200)
        } else {
            expectProblem(reply, 422, pointer: "/charges/0/amount")
            #expect(try await server.admin.usage().used("tenant:api_calls/month") == 5)
        }
    }
}
