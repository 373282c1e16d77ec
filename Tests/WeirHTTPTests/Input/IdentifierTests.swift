import QuotaTesting
import StrictJSON
import Testing

@Suite("ids")
struct IdentifierTests {
    static let legalIDs = [
        "a}{b", "{}", "{", "../", "..", ".", "/", "a/b", "a%2Fb", "100%", "a b", "a+b", "a&b=c",
        "?", "#", "\"", "\\", "'; DROP TABLE tenants; --", "größe", "日本", "🙂",
        String(repeating: "🙂", count: 64), String(repeating: "x", count: 256), ":id", "*", "**",
        "tenant:api_calls/month",
    ]

    static let illegalIDs = [
        "", String(repeating: "x", count: 257), String(repeating: "🙂", count: 512),
        String(repeating: "é", count: 128) + "x", "a\r\nb", "a\nb", "a\tb", "\u{0}", "\u{7F}",
        "\u{85}", String(repeating: "x", count: 10_240),
    ]

    private func encoded(_ id: String) -> String {
        id.utf8.reduce(into: "") { text, byte in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            let digits = String(byte, radix: 16, uppercase: true)
            text +=
                isPlain
                ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }
    }

    @Test("a legal id is one tenant, in bodies, paths and queries", arguments: legalIDs)
    func legal(id: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(7, "api_calls", tenant: "bystander")
        let reply = try await server.admin.consume(2, "api_calls", tenant: id)
        #expect(reply.status == 200)
        #expect(reply["tenant"] == .string(id))
        let read = try await server.admin.get("/api/admin/tenants/\(encoded(id))")
        #expect(read.status == 200)
        #expect(read["id"] == .string(id))
        let usage = try await server.admin.usage(encoded(id))
        #expect(usage["tenant"] == .string(id))
        #expect(usage.used("tenant:api_calls/month") == 2)
        let day = try await server.admin.get("/api/admin/quota/usage")
        #expect(day["tenants"]?[id] == 2)
        #expect(day["statistics", "total_tenants"] == 2)
        let again = try await server.admin.createTenant(["id": .string(id)])
        expectProblem(again, 409)
    }

    @Test("any other id is refused where it stands", arguments: illegalIDs)
    func illegal(id: String) async throws {
        let server = try await TestServer()
        for reply in [
            try await server.admin.consume(["tenant": .string(id)]),
            try await server.admin.check(["tenant": .string(id)]),
            try await server.admin.reserve(["tenant": .string(id)]),
        ] {
            expectProblem(reply, 422, pointer: "/tenant")
        }
        let created = try await server.admin.createTenant(["id": .string(id)])
        expectProblem(created, 422, pointer: "/id")
        let model = try await server.admin.consume(["tenant": "acme", "model": .string(id)])
        expectProblem(model, 422, pointer: "/model")
        if !id.isEmpty {
            for path in [
                "/api/admin/tenants/\(encoded(id))", "/api/v1/usage?tenant=\(encoded(id))",
            ] {
                let reply = try await server.admin.get(path)
                #expect((400..<500).contains(reply.status), "\(path.prefix(60))")
                expectProblem(reply, reply.status)
            }
        }
        let list = try await server.admin.get("/api/admin/tenants")
        #expect(list["items"] == [])
    }

    @Test("ids that only look the same are two tenants")
    func equivalent() async throws {
        let server = try await TestServer()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        _ = try await server.admin.consume(3, "api_calls", tenant: composed)
        let other = try await server.admin.consume(4, "api_calls", tenant: decomposed)
        #expect(other.used("tenant:api_calls/month") == 4)
        let first = try await server.admin.usage(encoded(composed))
        #expect(first.used("tenant:api_calls/month") == 3)
        let list = try await server.admin.get("/api/admin/tenants")
        #expect(list["items"]?.arrayValue?.count == 2)
        let key = try await server.admin.createKey(of: composed)
        expectProblem(
            try await server.bearer(key.text).consume(["tenant": .string(decomposed)]), 403)
    }

    @Test("models that only look the same have limits of their own")
    func equivalentModels() async throws {
        let server = try await TestServer()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let put = try await server.admin.putPlan(
            "free",
            [
                .limit(5, "api_calls", per: "day", model: composed),
                .limit(5, "api_calls", per: "day", model: decomposed),
            ])
        #expect(put.status == 200)
        #expect(try await server.admin.consume(5, "api_calls", model: composed).status == 200)
        #expect(try await server.admin.consume(5, "api_calls", model: decomposed).status == 200)
        #expect(try await server.admin.consume(1, "api_calls", model: decomposed).status == 429)
    }

    @Test("broken percent-encoding is refused", arguments: ["%", "%zz", "%2", "%FF", "%C3%28"])
    func brokenEncoding(text: String) async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.get("/api/admin/tenants/\(text)"), 400)
        expectProblem(try await server.admin.get("/api/v1/usage?tenant=\(text)"), 400)
    }

    @Test("line breaks in a reason forge no log line of their own event")
    func logInjection() async throws {
        let server = try await TestServer()
        let before = server.logs.lines.count
        _ = try await server.admin.createTenant(["id": "acme", "reason": "x\nerror forged"])
        let lines = server.logs.lines.dropFirst(before)
        #expect(lines.count { $0.contains("tenant.create") } == 1)
        #expect(!lines.contains { $0.hasPrefix("error") })
    }
}
