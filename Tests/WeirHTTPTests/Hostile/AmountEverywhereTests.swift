import StrictJSON
import Testing

/// Case 8 of the fault list, on every route that takes a quantity.
@Suite("quantities on every route")
struct AmountEverywhereTests {
    /// A place where a quantity stands; `#` marks it.
    struct Place: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        let body: String
        let pointer: String
        /// What of the illegal amounts is legal here.
        var legal: Set<String> = []

        var testDescription: String { "\(method) \(path) \(pointer)" }
    }

    private static let zero: Set<String> = ["0", "-0"]
    private static let zeroOrNull: Set<String> = ["0", "-0", "null"]
    private static let limits =
        #""limits":[{"meter":"api_calls","window":"day","limit":1},"#
        + #"{"meter":"ai_tokens","window":"month","limit":#}]"#

    static let places = [
        Place(
            method: "POST", path: "/api/v1/allocations",
            body: #"{"tenant":"acme","meter":"team_members","delta":#}"#, pointer: "/delta"),
        Place(
            method: "POST", path: "/api/v1/allocations",
            body: #"{"tenant":"acme","meter":"team_members","set":#}"#, pointer: "/set",
            legal: zeroOrNull),
        Place(
            method: "PUT", path: "/api/admin/tenants/acme/overrides/api_calls/month",
            body: #"{"limit":#}"#, pointer: "/limit", legal: zeroOrNull),
        Place(
            method: "PUT", path: "/api/admin/tenants/acme/overrides/api_calls/month",
            body: #"{"limit":5,"periods":#}"#, pointer: "/periods", legal: ["null"]),
        Place(
            method: "POST", path: "/api/admin/adjustments",
            body: #"{"tenant":"acme","meter":"ai_tokens","amount":#}"#, pointer: "/amount"),
        Place(
            method: "PUT", path: "/api/admin/plans/gold", body: "{\(limits)}",
            pointer: "/limits/1/limit", legal: zeroOrNull),
        Place(
            method: "PUT", path: "/api/admin/organizations/corp", body: "{\(limits)}",
            pointer: "/limits/1/limit", legal: zeroOrNull),
        Place(
            method: "POST", path: "/api/admin/keys",
            body: #"{"tenant":"acme","name":"x",\#(limits)}"#, pointer: "/limits/1/limit",
            legal: zeroOrNull),
    ]

    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    private func send(_ place: Place, _ amount: String, to server: TestServer)
        async throws -> Reply
    {
        let text = place.body.replacing("#", with: amount)
        return try await server.admin.send(place.method, place.path, bytes: Array(text.utf8))
    }

    @Test("what is no quantity is refused where it stands, and nothing changes", arguments: places)
    func refused(place: Place) async throws {
        let server = try await server()
        let before = try await server.admin.usage()
        for amount in AmountTests.illegal where !place.legal.contains(amount) {
            let reply = try await send(place, amount, to: server)
            expectProblem(reply, 422, pointer: place.pointer, "\(amount.prefix(30))")
        }
        for amount in ["NaN", "Infinity", "+1", "01", "1.", ".5", "0x10", "-"] {
            expectProblem(try await send(place, amount, to: server), 400, "\(amount)")
        }
        let after = try await server.admin.usage()
        #expect(after["limits"] == before["limits"])
        #expect(after["allocations"] == before["allocations"])
        #expect(try await server.admin.audit().count == 1)
        #expect(try await server.admin.items(of: "/api/admin/keys").isEmpty)
    }

    @Test("the largest quantity is legal where a limit stands", arguments: places.suffix(3))
    func largest(place: Place) async throws {
        let server = try await server()
        for amount in ["9007199254740991"] + place.legal {
            let reply = try await send(place, amount, to: server)
            #expect([200, 201].contains(reply.status), "\(amount): \(reply.text)")
        }
    }

    @Test("in a batch each item is refused by itself", arguments: ["consume", "check", "reserve"])
    func batch(operation: String) async throws {
        let server = try await TestServer()
        let items = AmountTests.illegal.map {
            #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":\#($0)}]}"#
        }
        let reply = try await server.admin.post(
            "/api/v1/batch",
            text: #"{"operation":"\#(operation)","items":[\#(items.joined(separator: ","))]}"#)
        #expect(reply.status == 200)
        #expect(reply.statuses == Array(repeating: 422, count: items.count))
        for (index, result) in reply.results.enumerated() {
            #expect(result.string("pointer") == "/items/\(index)/charges/0/amount")
        }
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("an import books no row whose units are no amount")
    func importing() async throws {
        let server = try await TestServer()
        let items = AmountTests.illegal.map {
            #"{"tenant":"acme","date":"2026-11-20","units":\#($0)}"#
        }
        let reply = try await server.admin.post(
            "/api/admin/import",
            text: #"{"kind":"usage","items":[\#(items.joined(separator: ","))]}"#)
        #expect(reply.status == 200)
        #expect(reply["created"] == 0)
        #expect(reply["failed"]?.arrayValue?.count == items.count)
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("a proven use is an amount or 0", arguments: AmountTests.illegal)
    func resolve(amount: String) async throws {
        let server = try await TestServer()
        _ = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: "/api/admin/suspect")[0].string("grant")
        let reply = try await server.admin.post(
            "/api/admin/suspect/\(grant)/resolve", text: #"{"used":\#(amount)}"#)
        let limit = try await server.admin.usage().limit("tenant:ai_tokens/month")
        if Self.zero.contains(amount) {
            #expect(reply.status == 200)
            #expect(limit?["used"] == 0)
        } else {
            expectProblem(reply, 422, pointer: "/used")
            #expect(limit?["suspect"] == 500)
        }
    }

    @Test("no sum of legal corrections stops the server")
    func corrections() async throws {
        let server = try await server()
        _ = try await server.admin.patchTenant("acme", ["plan": "enterprise"])
        let most: Int64 = 9_007_199_254_740_991
        var statuses: Set<Int> = []
        for index in 0..<1100 {
            statuses.insert(try await server.admin.adjust(most, "ai_tokens").status)
            let date = "2026-11-\(10 + index % 10)"
            let row: JSONValue = [
                "tenant": "acme", "date": .string(date), "units": .integer(most),
                "source": .string("s\(index)"), "meter": "ai_tokens",
            ]
            statuses.insert(try await server.admin.importing("usage", [row]).status)
        }
        #expect(statuses.isSubset(of: [200, 201, 422]))
        let used = try await server.admin.usage().used("tenant:ai_tokens/month")
        #expect(used > 0)
        #expect(used % most == 0)
        let report = try await server.admin.get("/api/admin/tenants/acme/usage?group_by=meter")
        #expect(report.status == 200)
        #expect(try await server.admin.get("/api/admin/quota/usage").status == 200)
    }
}
