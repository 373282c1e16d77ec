import StrictJSON
import Testing

@Suite("administration of organizations")
struct OrganizationAdminTests {
    private static let path = "/api/admin/organizations"
    private static let body: JSONValue = [
        "id": "corp", "name": "Corp", "time_zone": "Africa/Lagos",
        "billing_anchor": "2026-01-15T00:00", "billing_interval": "month",
        "limits": [
            ["meter": "ai_tokens", "window": "month", "limit": 1000],
            ["meter": "api_calls", "window": "minute", "limit": 60],
        ],
    ]

    @Test("an organization is created, read, replaced, merged and listed")
    func story() async throws {
        let server = try await TestServer()
        let created = try await server.admin.post(Self.path, Self.body)
        #expect(created.status == 201)
        #expect(
            Reply.names(created.json) == [
                "billing_anchor", "billing_boundaries", "billing_interval", "created_at", "id",
                "limits", "name", "time_zone",
            ])
        let read = try await server.admin.get(Self.path + "/corp")
        #expect(read.status == 200)
        #expect(read.json.canonicalBytes == created.json.canonicalBytes)
        for name in ["id", "name", "time_zone", "billing_anchor", "billing_interval"] {
            #expect(read.json[name] == Self.body[name])
        }
        #expect(read["created_at"] == "2026-11-21T10:00:00.123Z")
        #expect(
            read["limits"]?.arrayValue?.map { $0.string("id") } == [
                "org:ai_tokens/month", "org:api_calls/minute",
            ])
        #expect(read["limits"]?.arrayValue?.allSatisfy { $0["scope"] == "org" } == true)
        expectProblem(try await server.admin.post(Self.path, Self.body), 409)

        let merged = try await server.admin.patch(Self.path + "/corp", ["name": "Corp Ltd"])
        #expect(merged.status == 200)
        #expect(merged["name"] == "Corp Ltd")
        #expect(merged["limits"]?.arrayValue?.count == 2)
        #expect(merged["time_zone"] == "Africa/Lagos")
        let replaced = try await server.admin.put(Self.path + "/corp", ["limits": []])
        #expect(replaced.status == 200)
        #expect(replaced["limits"] == [])
        #expect(replaced["time_zone"] == "UTC")
        #expect(replaced["billing_anchor"] == .null)
        let put = try await server.admin.put(Self.path + "/other", ["name": "Other"])
        #expect(put.status == 201)
        let list = try await server.admin.items(of: Self.path, pageSize: 1)
        #expect(list.map { $0.string("id") } == ["corp", "other"])
    }

    @Test("what GET shows can be PUT back and changes nothing")
    func roundTrip() async throws {
        let server = try await TestServer()
        _ = try await server.admin.post(Self.path, Self.body)
        let before = try await server.admin.get(Self.path + "/corp")
        #expect(try await server.admin.put(Self.path + "/corp", before.json).status == 200)
        #expect(try await server.admin.get(Self.path + "/corp").text == before.text)
    }

    @Test("it is deleted when no tenant belongs to it any more")
    func delete() async throws {
        let server = try await TestServer()
        _ = try await server.admin.post(Self.path, Self.body)
        _ = try await server.admin.createTenant(["id": "acme", "organization": "corp"])
        expectProblem(try await server.admin.delete(Self.path + "/corp"), 409)
        #expect(try await server.admin.get(Self.path + "/corp").status == 200)
        _ = try await server.admin.patchTenant("acme", ["organization": nil])
        #expect(try await server.admin.delete(Self.path + "/corp").status == 204)
        expectProblem(try await server.admin.get(Self.path + "/corp"), 404)
        expectProblem(try await server.admin.delete(Self.path + "/corp"), 404)
        expectProblem(try await server.admin.patch(Self.path + "/corp", ["name": "x"]), 404)
        expectProblem(try await server.admin.get(Self.path + "/corp/usage"), 404)
        #expect(try await server.admin.items(of: Self.path).isEmpty)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("id", ""), ("id", 5), ("name", ""), ("time_zone", "Mars/Olympus"),
            ("billing_anchor", "2026-02-30T00:00"), ("billing_interval", "day"),
            ("limits", [:]), ("limits", 5), ("plan", "free"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        expectProblem(
            try await server.admin.post(Self.path, Self.body.with(name, value)), 422,
            pointer: "/\(name)")
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        _ = try await server.admin.post(Self.path, Self.body)
        let change = JSONValue.object(JSONObject()).with(name, value)
        expectProblem(
            try await server.admin.patch(Self.path + "/corp", change), 422, pointer: "/\(name)")
    }

    @Test(
        "a wrong limit is refused where it stands",
        arguments: [
            (["meter": "gpu_hours", "window": "day", "limit": 1], "meter"),
            (["meter": "api_calls", "window": "none", "limit": 1], "window"),
            (["meter": "team_members", "window": "month", "limit": 1], "window"),
            (["meter": "api_calls", "window": "day", "limit": -1], "limit"),
            (["meter": "api_calls", "window": "day", "limit": 1, "scope": "tenant"], "scope"),
            (["meter": "api_calls", "window": "day", "limit": 1, "scope": "key"], "scope"),
        ] as [(JSONValue, String)])
    func wrongLimit(limit: JSONValue, name: String) async throws {
        let server = try await TestServer()
        let body: JSONValue = [
            "id": "corp", "limits": [["meter": "api_calls", "window": "day", "limit": 1], limit],
        ]
        expectProblem(
            try await server.admin.post(Self.path, body), 422, pointer: "/limits/1/\(name)")
    }

    @Test("ids are ordinary texts, in paths too", arguments: ["a}{b", "../", "größe/é", "{}"])
    func ids(id: String) async throws {
        let server = try await TestServer()
        let path = "\(Self.path)/\(id.percentEncoded)"
        #expect(try await server.admin.put(path, ["name": "x"]).status == 201)
        #expect(try await server.admin.get(path)["id"] == .string(id))
        #expect(try await server.admin.get(path + "/usage")["organization"] == .string(id))
        #expect(try await server.admin.delete(path).status == 204)
        let long = String(repeating: "x", count: 257)
        expectProblem(try await server.admin.put("\(Self.path)/\(long)", ["name": "x"]), 422)
        expectProblem(try await server.admin.put("\(Self.path)/a%0Ab", ["name": "x"]), 422)
    }
}
