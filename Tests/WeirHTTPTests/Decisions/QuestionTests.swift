import StrictJSON
import Testing

/// Rows E1 to E3: what holds for a tenant, and why.
@Suite("questions about a tenant")
struct QuestionTests {
    private func ask(
        _ server: TestServer,
        _ question: String,
        as client: Client? = nil
    ) async throws -> Reply {
        let reply = try await (client ?? server.admin).get("/api/v1/\(question)")
        #expect(reply.status == 200, "\(question): \(reply.text)")
        return reply
    }

    @Test("E1: the plan of a subscription, of a trial, and the default, with what comes next")
    func plans() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        let own = try await ask(server, "plan?tenant=acme")
        #expect(
            own.json == [
                "tenant": "acme", "key": nil, "plan": "starter", "named": "starter",
                "reason": "subscription", "trial_ends_at": nil, "next_change": nil,
            ])
        _ = try await server.admin.patchTenant(
            "acme", ["trial": ["plan": "pro", "ends_at": "2026-12-05T00:00:00Z"]])
        let trial = try await ask(server, "plan?tenant=acme")
        #expect(trial["plan"] == "professional")
        #expect(trial["reason"] == "trial")
        #expect(trial["trial_ends_at"] == "2026-12-05T00:00:00Z")
        #expect(
            trial["next_change"]
                == ["plan": "starter", "at": "2026-12-05T00:00:00Z", "reason": "trial_end"])
        try server.move(to: "2026-12-05T00:00:00Z")
        #expect(try await ask(server, "plan?tenant=acme").json == own.json)
        // A smaller plan acts when the period ends.
        _ = try await server.admin.patchTenant("acme", ["plan": "free"])
        let later = try await ask(server, "plan?tenant=acme")
        #expect(later["plan"] == "starter")
        #expect(
            later["next_change"]
                == ["plan": "free", "at": "2027-01-01T00:00:00Z", "reason": "changed"])
        _ = try await server.admin.createTenant(["id": "globex", "plan": "nope"])
        let unknown = try await ask(server, "plan?tenant=globex")
        #expect(unknown["plan"] == "free")
        #expect(unknown["named"] == "nope")
        #expect(unknown["reason"] == "default")
    }

    @Test("E2: the effective limit is the override where there is one, and says what it replaces")
    func effectiveLimits() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let question = "effective-limit?tenant=acme&meter=ai_tokens"
        let planned = try await ask(server, question)
        #expect(planned["window"] == "month")
        #expect(planned["source"] == "plan")
        #expect(planned["limit", "limit"] == 100_000)
        #expect(planned["override"] == .null)
        #expect(planned["other_limits"] == [])
        #expect(try await ask(server, question + "&window=day")["limit"] == .null)
        #expect(
            try await ask(server, "effective-limit?tenant=acme&meter=team_members")["limit", "id"]
                == "tenant:team_members/none")

        let note: JSONValue = ["plan_limit": 100_000, "until": "2026-11-21T12:00:00Z"]
        _ = try await server.admin.override(
            ["limit": 250_000, "expires_at": "2026-11-21T12:00:00Z"], on: "ai_tokens/month")
        let higher = try await ask(server, question)
        #expect(higher["source"] == "override")
        #expect(higher["limit", "limit"] == 250_000)
        #expect(higher["limit", "override"] == note)
        #expect(higher["override"] == note)

        // Nothing limits, and yet it is told why.
        _ = try await server.admin.override(
            ["limit": nil, "expires_at": "2026-11-21T12:00:00Z"], on: "ai_tokens/month")
        let endless = try await ask(server, question)
        #expect(endless["limit"] == .null)
        #expect(endless["source"] == "override")
        #expect(endless["override"] == note)
        try server.move(to: "2026-11-21T12:00:00Z")
        let after = try await ask(server, question)
        #expect(after["limit", "limit"] == 100_000)
        #expect(after["source"] == "plan")
    }

    @Test("E2: limits of the key and the organization stand beside the tenant's")
    func otherLimits() async throws {
        let server = try await TestServer()
        _ = try await server.admin.post(
            "/api/admin/organizations",
            ["id": "group", "limits": [["meter": "ai_tokens", "window": "month", "limit": 7]]])
        _ = try await server.admin.createTenant(["id": "acme", "organization": "group"])
        let key = try await server.admin.post(
            "/api/admin/keys",
            [
                "tenant": "acme", "name": "k",
                "limits": [["meter": "ai_tokens", "window": "month", "limit": 5]],
            ])
        let mine = try await ask(
            server, "effective-limit?meter=ai_tokens", as: server.bearer(key.string("key")))
        #expect(mine["key"]?.stringValue == key.string("id"))
        #expect(mine["limit", "limit"] == 100_000)
        let others = mine["other_limits"]?.arrayValue ?? []
        #expect(others.map { $0.string("scope") }.sorted() == ["key", "org"])
        #expect(others.map { $0.integer("limit") }.sorted() == [5, 7])
        let all = try await ask(server, "effective-limit?tenant=acme&meter=ai_tokens")
        #expect(all["other_limits"]?.arrayValue?.count == 1)
        let left = try await ask(
            server, "remaining-tokens", as: server.bearer(key.string("key")))
        #expect(left["remaining"] == 5)
        #expect(left["limit_id"] == "key:ai_tokens/month")
    }

    @Test("E3: whether there is room, how much, and whether it is near its end")
    func tokens() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.consume(79_999, "ai_tokens")
        #expect(try await ask(server, "is-near-limit?tenant=acme")["near"] == false)
        _ = try await server.admin.consume(1, "ai_tokens")
        let near = try await ask(server, "is-near-limit?tenant=acme")
        #expect(near["near"] == true)
        #expect(near["limits", 0, "approaching"] == true)
        #expect(try await ask(server, "is-near-limit?tenant=acme&meter=api_calls")["near"] == false)

        let yes = try await ask(server, "can-generate?tenant=acme&tokens=20000")
        #expect(yes["allowed"] == true)
        #expect(yes["denied_by"] == .null)
        let no = try await ask(server, "can-generate?tenant=acme&tokens=20001&model=gpt-small")
        #expect(no["allowed"] == false)
        #expect(no["model"] == "gpt-small")
        #expect(no["denied_by", "id"] == "tenant:ai_tokens/month")
        #expect(no["denied_by", "available"] == 20_000)
        #expect(no["denied_by", "upgrade", "plan"] == "starter")

        let left = try await ask(server, "remaining-tokens?tenant=acme")
        #expect(left["remaining"] == 20_000)
        #expect(left["reason"] == "limit")
        #expect(left["limit_id"] == "tenant:ai_tokens/month")
        #expect(left["reset_at"] == "2026-12-01T00:00:00Z")
        // None of this was charged.
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == 80_000)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 0)
    }

    @Test("E3: no bound, and nothing for who is suspended")
    func unlimitedAndSuspended() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        let endless = try await ask(server, "remaining-tokens?tenant=acme")
        #expect(endless["remaining"] == .null)
        #expect(endless["reason"] == "unlimited")
        #expect(endless["limit_id"] == .null)
        _ = try await server.admin.patchTenant("acme", ["status": "suspended"])
        let none = try await ask(server, "remaining-tokens?tenant=acme")
        #expect(none["remaining"] == 0)
        #expect(none["reason"] == "suspended")
        let refused = try await ask(server, "can-generate?tenant=acme")
        #expect(refused["allowed"] == false)
        #expect(refused["denied_by", "reason"] == "suspended")
    }

    @Test(
        "E3: who does not exist is not created, and others' tenants are not told of",
        arguments: [
            "plan?", "effective-limit?meter=ai_tokens&", "can-generate?", "remaining-tokens?",
            "is-near-limit?",
        ])
    func unknown(question: String) async throws {
        let server = try await TestServer()
        let path = "/api/v1/\(question)"
        expectProblem(try await server.admin.get(path + "tenant=nobody"), 404)
        #expect(try await server.admin.get("/api/admin/tenants/nobody").status == 404)
        expectProblem(try await server.admin.get(path), 422)
        _ = try await server.admin.createTenant(["id": "acme"])
        expectProblem(try await server.admin.get(path + "tenant=acme&key=k_gone"), 404)
        let key = try await server.admin.createKey()
        let own = try await server.bearer(key.text).get(path)
        #expect(own["tenant"] == "acme")
        expectProblem(try await server.bearer(key.text).get(path + "tenant=globex"), 403)
        let service = try await server.admin.createServiceKey()
        #expect(try await server.bearer(service.text).get(path + "tenant=acme").status == 200)
        expectProblem(try await server.admin.get(path + "tenant=acme&surprise=1"), 422)
        _ = try await server.admin.patch("/api/admin/keys/\(key.id)", ["status": "suspended"])
        expectProblem(try await server.bearer(key.text).get(path), 403)
    }

    @Test(
        "E3: what can't be meant is refused with its parameter",
        arguments: [
            ("effective-limit?tenant=acme", "meter"),
            ("effective-limit?tenant=acme&meter=gpu", "meter"),
            ("effective-limit?tenant=acme&meter=ai_tokens&window=fortnight", "window"),
            ("can-generate?tenant=acme&tokens=0", "tokens"),
            ("can-generate?tenant=acme&tokens=1.5", "tokens"),
            ("can-generate?tenant=acme&tokens=9007199254740992", "tokens"),
            ("is-near-limit?tenant=acme&meter=gpu", "meter"),
        ])
    func invalid(question: String, parameter: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let reply = try await server.admin.get("/api/v1/\(question)")
        expectProblem(reply, 422)
        #expect(reply.string("detail").contains("\"\(parameter)\""), "\(reply.text)")
    }
}
