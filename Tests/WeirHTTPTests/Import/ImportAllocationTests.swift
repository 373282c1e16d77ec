import StrictJSON
import Testing

@Suite("import of allocations")
struct ImportAllocationTests {
    private static let seats = "tenant:team_members/none"

    private func row(_ units: Int64, tenant: String = "acme") -> JSONValue {
        ["tenant": .string(tenant), "meter": "team_members", "units": .integer(units)]
    }

    private func held(_ server: TestServer) async throws -> [JSONValue] {
        try await server.admin.items(of: "/api/admin/tenants?allocations=true")
            .map { $0["allocations"] ?? .null }
    }

    @Test("what is held is set once, whatever the limit, and then keeps others out")
    func held() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        #expect(try await held(server) == [[]])
        let reply = try await server.admin.importing("allocations", [row(7)])
        #expect(reply["created"] == 1, "\(reply.text)")
        for units in [7, 9] as [Int64] {
            let again = try await server.admin.importing("allocations", [row(units)])
            #expect(again["skipped"] == 1, "\(again.text)")
        }
        #expect(try await held(server) == [[["meter": "team_members", "units": 7]]])
        expectRefusal(
            try await server.admin.post(
                "/api/v1/allocations",
                ["tenant": "acme", "meter": "team_members", "delta": 1]), by: Self.seats)
    }

    @Test("what is held is replaced when asked to")
    func update() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        for (units, member) in [(2, "created"), (9, "updated"), (9, "skipped"), (1, "updated")]
            as [(Int64, JSONStep)]
        {
            let reply = try await server.admin.importing(
                "allocations", [row(units)], onConflict: "update")
            #expect(reply[member] == 1, "\(reply.text)")
            #expect(
                try await held(server) == [[["meter": "team_members", "units": .integer(units)]]])
        }
    }

    @Test("an allocation that no limit bounds is shown and imported too")
    func unbounded() async throws {
        let server = try await TestServer()
        _ = try await server.admin.put("/api/admin/meters/rooms", ["kind": "allocation"])
        _ = try await server.admin.createTenant(["id": "acme"])
        let item = row(3).with("meter", "rooms")
        for _ in 0..<2 { _ = try await server.admin.importing("allocations", [item]) }
        #expect(try await held(server) == [[["meter": "rooms", "units": 3]]])
    }

    @Test(
        "a row with a wrong value fails alone",
        arguments: [
            ("units", -1), ("units", "5"), ("units", nil), ("meter", "api_calls"),
            ("meter", "rooms"), ("meter", nil), ("tenant", "nobody"), ("tenant", nil),
            ("colour", "red"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let reply = try await server.admin.importing(
            "allocations",
            [row(1).with(name, value), row(2)])
        #expect(reply["created"] == 1, "\(reply.text)")
        #expect(reply["failed"]?.arrayValue?.map { $0.integer("index") } == [0])
        #expect(try await held(server) == [[["meter": "team_members", "units": 2]]])
    }
}
