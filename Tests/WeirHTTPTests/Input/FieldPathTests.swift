import StrictJSON
import Testing

@Suite("the paths of fields in errors")
struct FieldPathTests {
    /// What is wrong with the third limit, and how the message begins.
    static let wrongs: [(JSONValue, String)] = [
        (["thresholds": [50, 0]], "thresholds[1] must be an integer from 1 to 100"),
        (["thresholds": 5], "thresholds must be an array"),
        (["window": "fortnight"], "window must be one of"),
        (["mode": "silent"], "mode must be one of"),
        (["soft_percent": 101], "soft_percent must be"),
        (["meter": "nothing"], "meter \"nothing\" does not exist; known are: ai_tokens,"),
        (["limit": -1], "limit must be"),
        (["warn": "yes"], "warn must be true or false"),
        (["on_unavailable": "maybe"], "on_unavailable must be"),
        (["burst": 5], "burst is for the windows"),
        (["rollover": 5], "rollover must be an object"),
        (["rollover": [:]], "rollover.cap is required"),
        (["rollover": ["cap": ["percent": -1]]], "rollover.cap.percent must be"),
        (["rollover": ["cap": [:]]], "rollover.cap must have one member"),
        (["rollover": ["cap": nil, "max_age_periods": 0]], "rollover.max_age_periods must be"),
        (["rollover": ["cap": nil, "burn_order": "x"]], "rollover.burn_order must be one of"),
        (["scope": "galaxy"], "scope must be"),
    ]

    /// Requests that have limits, with what stands before them.
    static let places = [
        ("POST", "/api/admin/plans", #"{"id":"p","limits":[X]}"#, ""),
        ("PUT", "/api/admin/plans/p", #"{"limits":[X]}"#, ""),
        ("POST", "/api/admin/organizations", #"{"id":"o","limits":[X]}"#, ""),
        ("PUT", "/api/admin/organizations/group", #"{"limits":[X]}"#, ""),
        ("PATCH", "/api/admin/organizations/group", #"{"limits":[X]}"#, ""),
        ("POST", "/api/admin/keys", #"{"tenant":"acme","name":"k","limits":[X]}"#, ""),
        ("PATCH", "/api/admin/keys/ID", #"{"limits":[X]}"#, ""),
        (
            "POST", "/api/admin/whatif",
            #"{"plan":{"id":"free","limits":[X]},"since":"1d"}"#, "plan."
        ),
    ]

    private static func limit(_ window: String) -> JSONValue {
        ["meter": "ai_tokens", "window": .string(window), "limit": 5]
    }

    private static func text(_ limits: [JSONValue]) -> String {
        limits.map { String(decoding: $0.encodedBytes, as: UTF8.self) }.joined(separator: ",")
    }

    @Test("what is wrong in a limit is named from the body on", arguments: places)
    func limits(method: String, path: String, body: String, prefix: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.put("/api/admin/organizations/group", [:])
        let key = try await server.admin.post(
            "/api/admin/keys", ["tenant": "acme", "name": "k"])
        let path = path.replacing("ID", with: key.string("id"))
        func send(_ limits: [JSONValue]) async throws -> Reply {
            let body = body.replacing("X", with: Self.text(limits))
            return try await server.admin.send(method, path, bytes: Array(body.utf8))
        }
        for (members, message) in Self.wrongs {
            var wrong = Self.limit("month")
            for member in members.objectValue?.members ?? [] {
                wrong = wrong.with(member.name, member.value)
            }
            let reply = try await send([Self.limit("day"), Self.limit("week"), wrong])
            expectProblem(reply, 422, "\(reply.text)")
            #expect(reply.string("detail").hasPrefix("\(prefix)limits[2].\(message)"))
        }
        let twice = try await send([Self.limit("day"), Self.limit("week"), Self.limit("day")])
        expectProblem(twice, 422, "\(twice.text)")
        #expect(
            twice.string("pointer").hasSuffix("/limits/2")
                && twice.string("detail").hasPrefix("\(prefix)limits[2] is "), "\(twice.text)")
        let unknown = try await send([Self.limit("day").with("max", 2)])
        expectProblem(unknown, 422, "\(unknown.text)")
        #expect(unknown.string("detail").hasPrefix("unknown field \"\(prefix)limits[0].max\""))
    }

    @Test("a body that takes no field says so, and lists none")
    func noFields() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.post("/api/v1/reservations/r/void", ["why": "x"])
        expectProblem(reply, 422, pointer: "/why")
        #expect(reply.string("detail") == "unknown field \"why\"; there are none here")
    }

    @Test("a header that is wrong is named as one, and so is a query parameter")
    func headersAndParameters() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let long = String(repeating: "k", count: 255)
        let topUp: JSONValue = ["meter": "ai_tokens", "window": "month", "units": 5]
        let grants = "/api/admin/tenants/acme/grants"
        func grant(_ body: JSONValue, _ key: String) async throws -> Reply {
            try await server.admin.post(grants, body, headers: ["Idempotency-Key": key])
        }
        func consume(_ units: Int64) async throws -> Reply {
            try await server.admin.post(
                "/api/v1/consume", .charging(units, "ai_tokens"),
                headers: ["Idempotency-Key": "order"])
        }
        #expect(try await grant(topUp, "order").status == 201)
        #expect(try await consume(1).status == 200)
        let wrong = [
            try await grant(topUp, long), try await grant(topUp, "\"open"),
            try await grant(topUp.with("units", 6), "order"), try await consume(2),
            try await server.admin.post(
                "/api/v1/batch", ["operation": "consume", "items": [["tenant": "acme"]]],
                headers: ["Idempotency-Key": "a"]),
        ]
        for reply in wrong {
            expectProblem(reply, 422, "\(reply.text)")
            #expect(reply["header"] == "Idempotency-Key", "\(reply.text)")
            #expect(reply.string("detail").hasPrefix("the Idempotency-Key header "))
        }
        let reason = try await server.admin.send(
            "DELETE", grants + "/g_order",
            headers: ["X-Weir-Reason": String(repeating: "r", count: 1_025)])
        expectProblem(reason, 422)
        #expect(reason["header"] == "X-Weir-Reason", "\(reason.text)")
        let query = try await server.admin.get(grants + "?limit=0")
        expectProblem(query, 422)
        #expect(query["parameter"] == "limit", "\(query.text)")
        // A key of the body is a field of it.
        let body = JSONValue.charging(3, "ai_tokens").with("idempotency_key", "order")
        expectProblem(
            try await server.admin.post("/api/v1/consume", body), 422, pointer: "/idempotency_key")
    }
}
