import StrictJSON
import Testing

@Suite("bodies")
struct BodyTests {
    /// A member that does not belong, and where it stands.
    static let unknownFields: [(String, String)] = [
        (#"{"tenant":"acme","amount":5}"#, "/amount"),
        (#"{"tenant":"acme","Charges":[]}"#, "/Charges"),
        (#"{"tenant":"acme","a/b~c":null}"#, "/a~1b~0c"),
        (#"{"tenant":"acme","":1}"#, "/"),
        (
            #"{"charges":[{"meter":"api_calls","amount":1,"note":"x"}],"tenant":"acme"}"#,
            "/charges/0/note"
        ),
        (
            #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":1},"#
                + #"{"meter":"api_calls","amount":1,"x":1}]}"#,
            "/charges/1/x"
        ),
    ]

    @Test("unknown fields are refused where they stand", arguments: unknownFields)
    func unknown(body: String, pointer: String) async throws {
        let server = try await TestServer()
        expectProblem(
            try await server.admin.post("/api/v1/consume", text: body), 422, pointer: pointer)
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test(
        "unknown fields are refused by every route that takes a body",
        arguments: [
            ("POST", "/api/admin/tenants", #"{"id":"x","zone":"UTC"}"#, "/zone"),
            ("POST", "/api/admin/keys", #"{"tenant":"acme","name":"x","scopes":[]}"#, "/scopes"),
            ("PUT", "/api/admin/plans/x", #"{"limits":[],"price":1}"#, "/price"),
            (
                "PUT", "/api/admin/plans/x",
                #"{"limits":[{"meter":"api_calls","window":"day","limit":1,"max":2}]}"#,
                "/limits/0/max"
            ),
            ("POST", "/api/admin/quota/cache/warm", #"{"tenant_ids":[],"all":true}"#, "/all"),
            ("POST", "/api/admin/quota/cache/clear", #"{"force":true}"#, "/force"),
            ("POST", "/api/v1/reservations/r/void", #"{"why":"x"}"#, "/why"),
        ])
    func everyRoute(method: String, path: String, body: String, pointer: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.send(method, path, bytes: Array(body.utf8))
        expectProblem(reply, 422, pointer: pointer)
    }

    @Test(
        "what is no JSON document is 400",
        arguments: [
            "", " ", "{", #"{"tenant":"acme"} x"#, #"{"tenant":"acme",}"#, "{'tenant':'acme'}",
            #"{"tenant":"acme"}{}"#, #"{"tenant":"\uD800"}"#, "\u{FEFF}{}",
            #"{"tenant":"acme" /* note */}"#, #"{tenant:"acme"}"#,
        ])
    func malformed(body: String) async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.post("/api/v1/consume", text: body), 400)
    }

    @Test("invalid UTF-8 is 400")
    func invalidUTF8() async throws {
        let server = try await TestServer()
        let bytes = Array(#"{"tenant":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        expectProblem(try await server.admin.send("POST", "/api/v1/consume", bytes: bytes), 400)
    }

    @Test("a document that is no object is refused", arguments: ["[]", "null", "5", #""x""#])
    func noObject(body: String) async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.post("/api/v1/consume", text: body), 422)
    }

    @Test("a member that comes twice is refused where it stands")
    func duplicateMembers() async throws {
        let server = try await TestServer()
        let top = try await server.admin.post(
            "/api/v1/consume", text: #"{"tenant":"acme","tenant":"globex"}"#)
        expectProblem(top, 400, pointer: "/tenant")
        let inner = try await server.admin.post(
            "/api/v1/consume",
            text: #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":1,"amount":2}]}"#)
        expectProblem(inner, 400, pointer: "/charges/0/amount")
    }

    @Test("a document may be 64 levels deep", arguments: [(64, 200), (65, 400), (5000, 400)])
    func depth(levels: Int, status: Int) async throws {
        let server = try await TestServer()
        // The body and `metadata` are two levels.
        let inner = levels - 2
        let reply = try await server.admin.post(
            "/api/v1/consume",
            text: #"{"tenant":"acme","metadata":{"a":"# + String(repeating: "[", count: inner)
                + String(repeating: "]", count: inner) + "}}")
        #expect(reply.status == status)
        if status != 200 { expectProblem(reply, status) }
    }

    @Test("a body may have 1 MiB", arguments: [(1_048_576, 200), (1_048_577, 413)])
    func size(bytes: Int, status: Int) async throws {
        let server = try await TestServer()
        let body = #"{"tenant":"acme"}"#
        let padded = body + String(repeating: " ", count: bytes - body.utf8.count)
        let reply = try await server.admin.post("/api/v1/consume", text: padded)
        #expect(reply.status == status)
        if status != 200 { expectProblem(reply, status) }
    }

    @Test("at most 1 MiB is read by every route that takes a body")
    func sizeEverywhere() async throws {
        let server = try await TestServer()
        let body = Array(repeating: UInt8(ascii: " "), count: 1_048_577)
        for (method, path) in [
            ("POST", "/api/v1/check"), ("POST", "/api/v1/reserve"),
            ("POST", "/api/v1/reservations/r/settle"), ("POST", "/api/v1/reservations/r/void"),
            ("POST", "/api/admin/tenants"), ("POST", "/api/admin/keys"),
            ("POST", "/api/admin/plans"), ("PUT", "/api/admin/plans/x"),
            ("POST", "/api/admin/quota/cache/warm"), ("POST", "/api/admin/quota/cache/clear"),
        ] {
            let reply = try await server.admin.send(method, path, bytes: body)
            expectProblem(reply, 413, "\(path)")
        }
    }

    @Test(
        "members of the wrong kind are refused where they stand",
        arguments: [
            (#"{"tenant":5}"#, "/tenant"), (#"{"tenant":"acme","model":[]}"#, "/model"),
            (#"{"tenant":"acme","plan":true}"#, "/plan"), (#"{"tenant":"acme","key":1}"#, "/key"),
            (#"{"tenant":"acme","charges":{}}"#, "/charges"),
            (#"{"tenant":"acme","charges":[]}"#, "/charges"),
            (#"{"tenant":"acme","charges":[5]}"#, "/charges/0"),
            (#"{"tenant":"acme","metadata":"x"}"#, "/metadata"),
            (#"{"tenant":"acme","metadata":[]}"#, "/metadata"),
        ])
    func wrongKind(body: String, pointer: String) async throws {
        let server = try await TestServer()
        expectProblem(
            try await server.admin.post("/api/v1/consume", text: body), 422, pointer: pointer)
    }
}
