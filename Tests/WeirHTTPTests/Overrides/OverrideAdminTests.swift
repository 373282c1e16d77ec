import StrictJSON
import Testing

@Suite("administration of overrides")
struct OverrideAdminTests {
    private static let path = "/api/admin/tenants/acme/overrides/api_calls/month"
    private static let members = [
        "author", "created_at", "expired", "expires_at", "limit", "meter", "reason", "starts_at",
        "tenant", "window",
    ]

    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    @Test("an override is put, read, replaced and deleted")
    func story() async throws {
        let server = try await server()
        expectProblem(try await server.admin.get(Self.path), 404)
        let put = try await server.admin.put(
            Self.path,
            ["limit": 7, "expires_at": "2026-12-24T12:00:00+01:00", "reason": "a big customer"])
        #expect(put.status == 201)
        #expect(Reply.names(put.json) == Self.members)
        let expected: JSONValue = [
            "tenant": "acme", "meter": "api_calls", "window": "month", "limit": 7,
            "expires_at": "2026-12-24T11:00:00Z", "created_at": "2026-11-21T10:00:00.123Z",
            "reason": "a big customer", "expired": false, "starts_at": nil, "author": nil,
        ]
        #expect(put.json.canonicalBytes == expected.canonicalBytes, "\(put.text)")
        let read = try await server.admin.get(Self.path)
        #expect(read.json.canonicalBytes == put.json.canonicalBytes)
        let replaced = try await server.admin.put(Self.path, ["limit": nil])
        #expect(replaced.status == 200)
        #expect(replaced["limit"] == .null)
        #expect(replaced["expires_at"] == .null)
        #expect(replaced["reason"] == .null)
        #expect(try await server.admin.delete(Self.path).status == 204)
        expectProblem(try await server.admin.get(Self.path), 404)
        expectProblem(try await server.admin.delete(Self.path), 404)
    }

    @Test("overrides are listed of one tenant and of all, page by page")
    func list() async throws {
        let server = try await server()
        let tenants = ["a}{b", "acme", "zeta/é"]
        for tenant in tenants {
            _ = try await server.admin.createTenant(["id": .string(tenant)])
            for limit in ["api_calls/month", "api_calls/day", "team_members/none"] {
                let put = try await server.admin.override(["limit": 1], of: tenant, on: limit)
                #expect(put.status == 201)
            }
        }
        for size in [1, 2, 9, 100] {
            let all = try await server.admin.items(of: "/api/admin/overrides", pageSize: size)
            #expect(all.count == 9)
            let names = all.map {
                "\($0.string("tenant")) \($0.string("meter"))/\($0.string("window"))"
            }
            #expect(Set(names).count == 9)
            #expect(all.allSatisfy { Reply.names($0) == Self.members })
        }
        for tenant in tenants {
            let path = "/api/admin/tenants/\(tenant.percentEncoded)/overrides"
            let found = try await server.admin.items(of: path, pageSize: 2)
            #expect(found.map { $0.string("tenant") } == [tenant, tenant, tenant])
            #expect(
                Set(found.map { $0.string("meter") + "/" + $0.string("window") })
                    == ["api_calls/month", "api_calls/day", "team_members/none"])
        }
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody/overrides"), 404)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ([:], "/limit"), (["limit": -1], "/limit"), (["limit": "5"], "/limit"),
            (["limit": 9_007_199_254_740_992], "/limit"), (["limit": []], "/limit"),
            (["limit": 1, "expires_at": "tomorrow"], "/expires_at"),
            (["limit": 1, "expires_at": "2026-11-21T10:00:00.123Z"], "/expires_at"),
            (["limit": 1, "expires_at": "2020-01-01T00:00:00Z"], "/expires_at"),
            (["limit": 1, "expires_at": 5], "/expires_at"),
            (["limit": 1, "periods": 0], "/periods"), (["limit": 1, "periods": 1001], "/periods"),
            (["limit": 1, "periods": -1], "/periods"), (["limit": 1, "periods": "1"], "/periods"),
            (["limit": nil, "multiplier_percent": 150], "/multiplier_percent"),
            (["limit": 1, "multiplier_percent": 150], "/multiplier_percent"),
            (["limit": 1, "burst": 5], "/burst"), (["limit": 1, "until": "x"], "/until"),
        ] as [(JSONValue, String)])
    func wrongValues(body: JSONValue, pointer: String) async throws {
        let server = try await server()
        expectProblem(try await server.admin.put(Self.path, body), 422, pointer: pointer)
        expectProblem(try await server.admin.get(Self.path), 404)
        let usage = try await server.admin.usage()
        #expect(usage.limit("tenant:api_calls/month")?["source"] == "plan")
    }

    @Test(
        "of an end and a number of periods the earlier holds",
        arguments: [
            ("2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            ("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z"),
        ])
    func bothEnds(end: String, earlier: String) async throws {
        let server = try await server()
        let body: JSONValue = ["limit": 1, "expires_at": .string(end), "periods": 1]
        let put = try await server.admin.put(Self.path, body)
        #expect(put.status == 201)
        #expect(put["expires_at"] == .string(earlier))
    }

    @Test("a multiple of what the plan does not bound is warned of")
    func multipleOfNothing() async throws {
        let server = try await server()
        for (limit, count) in [("api_calls/month", 0), ("api_calls/week", 1)] {
            let put = try await server.admin.override(["multiplier_percent": 150], on: limit)
            #expect(put.status == 201)
            #expect(put["warnings"]?.arrayValue?.count ?? 0 == count, "\(put.text)")
        }
        let quantity = try await server.admin.override(["limit": 150], on: "api_calls/week")
        #expect(quantity["warnings"] == nil)
    }

    @Test("an end that is missing is asked for")
    func missingEnd() async throws {
        let server = try await server()
        let later = try await server.admin.put(
            Self.path, ["limit": 1, "starts_at": "2027-05-01T00:00:00Z"])
        #expect(later.status == 201)
        let reply = try await server.admin.put(Self.path, ["limit": 2])
        expectProblem(reply, 422, pointer: "/expires_at")
        #expect(reply.text.contains("no later than 2027-05-01T00:00:00Z"), "\(reply.text)")
    }

    @Test(
        "only budgets have periods",
        arguments: ["api_calls/minute", "api_calls/second", "api_calls/hour", "team_members/none"])
    func noPeriods(limit: String) async throws {
        let server = try await server()
        let reply = try await server.admin.override(["limit": 1, "periods": 1], on: limit)
        expectProblem(reply, 422, pointer: "/periods")
    }

    @Test(
        "a path names a meter and a window of it",
        arguments: [
            "gpu_hours/month", "api_calls/decade", "api_calls/none", "team_members/month",
            "api_calls/Month", "a%0Ab/month",
        ])
    func wrongPath(limit: String) async throws {
        let server = try await server()
        expectProblem(try await server.admin.override(["limit": 1], on: limit), 422)
        let deleted = try await server.admin.delete("/api/admin/tenants/acme/overrides/\(limit)")
        #expect([404, 422].contains(deleted.status))
        #expect(try await server.admin.items(of: "/api/admin/overrides").isEmpty)
    }

    @Test("a tenant that nobody knows has no overrides, and is not made by one")
    func unknownTenant() async throws {
        let server = try await server()
        expectProblem(try await server.admin.override(["limit": 1], of: "nobody"), 404)
        expectProblem(
            try await server.admin.get("/api/admin/tenants/nobody/overrides/api_calls/month"), 404)
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody"), 404)
    }
}
