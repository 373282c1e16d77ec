import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@Suite("/api/admin/quota/usage")
struct DailyUsageTests {
    private static let path = "/api/admin/quota/usage"

    @Test("the answer has the shape of the mission")
    func shape() async throws {
        let server = try await TestServer()
        for (tenant, amount) in [("tenant123", 150), ("tenant456", 75), ("tenant789", 1000)] {
            _ = try await server.admin.consume(Int64(amount), "api_calls", tenant: tenant)
        }
        let reply = try await server.admin.get(Self.path)
        #expect(reply.status == 200)
        #expect(reply["success"] == true)
        #expect(reply["date"] == "2026-11-21")
        #expect(
            reply["tenants"] == [
                "tenant123": 150, "tenant456": 75, "tenant789": "EXCEEDED",
            ])
        #expect(
            reply["statistics"] == [
                "total_tenants": 3, "exceeded_tenants": 1, "active_tenants": 2, "limit": 100,
                "truncated": false,
            ])
    }

    @Test("the meter and the date are chosen; a day without use is empty")
    func selection() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(3, "api_calls")
        _ = try await server.admin.consume(40, "ai_tokens")
        let tokens = try await server.admin.get(Self.path + "?meter=ai_tokens")
        #expect(tokens["tenants"] == ["acme": 40])
        let yesterday = try await server.admin.get(Self.path + "?date_str=2026-11-20")
        #expect(yesterday["date"] == "2026-11-20")
        #expect(yesterday["tenants"] == [:])
        #expect(yesterday["statistics", "total_tenants"] == 0)
        #expect(yesterday["statistics", "active_tenants"] == 0)
    }

    @Test("pages follow each other by offset and by cursor alike; the totals are of all")
    func paging() async throws {
        let server = try await TestServer()
        let tenants = (1...7).map { "tenant\($0)" }
        for tenant in tenants { _ = try await server.admin.consume(["tenant": .string(tenant)]) }
        for usesCursor in [false, true] {
            var found: [String] = []
            var query = "?limit=3"
            for page in 0..<3 {
                let reply = try await server.admin.get(Self.path + query)
                found += (reply["tenants"]?.objectValue?.members ?? []).map(\.name)
                #expect(reply["statistics", "total_tenants"] == 7)
                #expect(reply["statistics", "limit"] == 3)
                #expect(reply["statistics", "truncated"] == .bool(page < 2))
                guard page < 2 else { break }
                let next = reply["statistics", usesCursor ? "next_cursor" : "next_offset"]
                let place = try #require(next)
                query =
                    usesCursor
                    ? "?limit=3&cursor=\(place.stringValue ?? "")"
                    : "?limit=3&offset=\(place.integerValue ?? -1)"
            }
            #expect(found == tenants)
        }
        let exact = try await server.admin.get(Self.path + "?limit=7")
        #expect(exact["statistics", "truncated"] == false)
        let beyond = try await server.admin.get(Self.path + "?offset=100")
        #expect(beyond["tenants"] == [:])
        #expect(beyond["statistics", "total_tenants"] == 7)
    }

    @Test("a past date is as it was at its end")
    func pastDates() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "api_calls")
        server.clock.set(try #require(Timestamp("2026-11-22T10:00:00Z")))
        _ = try await server.admin.consume(400, "api_calls")
        _ = try await server.node.sweep()
        server.clock.set(try #require(Timestamp("2026-12-24T10:00:00Z")))
        let first = try await server.admin.get(Self.path + "?date_str=2026-11-21")
        let second = try await server.admin.get(Self.path + "?date_str=2026-11-22")
        #expect(first["tenants"] == ["acme": 600])
        #expect(first["statistics", "exceeded_tenants"] == 0)
        #expect(second["tenants"] == ["acme": "EXCEEDED"])
        #expect(second["statistics", "exceeded_tenants"] == 1)
        #expect(second["statistics", "active_tenants"] == 0)
    }

    @Test("a day's budget is used up to the end of the tenant's day, not of the UTC date")
    func dayBudget() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(5, "api_calls", per: "day")])
        _ = try await server.admin.createTenant(["id": "lagos", "time_zone": "Africa/Lagos"])
        for tenant in ["lagos", "utc"] {
            _ = try await server.admin.consume(5, "api_calls", tenant: tenant)
        }
        let morning = try await server.admin.get(Self.path)
        #expect(morning["tenants"] == ["lagos": "EXCEEDED", "utc": "EXCEEDED"])
        server.clock.set(try #require(Timestamp("2026-11-21T23:00:00Z")))
        let night = try await server.admin.get(Self.path)
        #expect(night["tenants"] == ["lagos": 5, "utc": "EXCEEDED"])
        server.clock.set(try #require(Timestamp("2026-11-23T10:00:00Z")))
        let later = try await server.admin.get(Self.path + "?date_str=2026-11-21")
        #expect(later["tenants"] == ["lagos": 5, "utc": "EXCEEDED"])
    }

    @Test("held units use a budget up; given back, it is as before")
    func held() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        let id = try await server.admin.reserve(.charging(999, "api_calls"))
            .string("reservation_id")
        #expect(try await server.admin.get(Self.path)["tenants"] == ["acme": "EXCEEDED"])
        _ = try await server.admin.void(id)
        #expect(try await server.admin.get(Self.path)["tenants"] == ["acme": 1])
    }

    @Test("a limit of a key or model does not make its tenant exceeded")
    func otherScopes() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free", [.limit(5, "api_calls", per: "day", model: "gpt-small")])
        _ = try await server.admin.consume(5, "api_calls", model: "gpt-small")
        #expect(try await server.admin.get(Self.path)["tenants"] == ["acme": 5])
    }

    @Test("EXCEEDED ends when the limit is raised")
    func raisedLimit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1000, "api_calls")
        #expect(try await server.admin.get(Self.path)["tenants"] == ["acme": "EXCEEDED"])
        _ = try await server.admin.putPlan("free", [.limit(2000, "api_calls", per: "month")])
        #expect(try await server.admin.usage()["limits", 0, "exceeded"] == false)
        let raised = try await server.admin.get(Self.path)
        #expect(raised["tenants"] == ["acme": 1000])
        #expect(raised["statistics", "exceeded_tenants"] == 0)
    }

    @Test("EXCEEDED begins when the limit is lowered")
    func loweredLimit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "api_calls")
        _ = try await server.admin.putPlan("free", [.limit(500, "api_calls", per: "month")])
        #expect(try await server.admin.usage()["limits", 0, "exceeded"] == true)
        let lowered = try await server.admin.get(Self.path)
        #expect(lowered["tenants"] == ["acme": "EXCEEDED"])
        #expect(lowered["statistics", "exceeded_tenants"] == 1)
    }

    @Test("refused requests are no use")
    func refused() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1001, "api_calls")
        let reply = try await server.admin.get(Self.path)
        #expect(reply["tenants"] == [:])
        #expect(reply["statistics", "total_tenants"] == 0)
    }
}
