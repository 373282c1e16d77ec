import QuotaTesting
import StrictJSON
import Testing

/// Rows B4 and B5: asking, taking, and what is kept of it.
@Suite("requirements B4 and B5")
struct ConsumptionRequirementTests {
    private static let tokens = "tenant:ai_tokens/month"
    private static let calls = "tenant:api_calls/month"

    @Test("B4: check tells how things stand, and changes nothing however often it is asked")
    func check() async throws {
        let server = try await TestServer()
        for (amount, used, remaining, approaching, exceeded) in [
            (70_000, 70_000, 30_000, false, false), (15_000, 85_000, 15_000, true, false),
            (15_000, 100_000, 0, false, true),
        ] as [(Int64, Int64, Int64, Bool, Bool)] {
            #expect(try await server.admin.consume(amount, "ai_tokens").status == 200)
            for _ in 0..<3 {
                let room = try await server.admin.check(.charging(15_000, "ai_tokens"))
                #expect(room.status == 200)
                #expect(room["allowed"] == .bool(remaining >= 15_000))
                let limit = try #require(room.limit(Self.tokens))
                #expect(limit["used"] == .integer(used))
                #expect(limit["limit"] == 100_000)
                #expect(limit["remaining"] == .integer(remaining))
                #expect(limit["approaching"] == .bool(approaching))
                #expect(limit["exceeded"] == .bool(exceeded))
            }
        }
        #expect(try await server.admin.usage().used(Self.tokens) == 100_000)
        _ = try await server.admin.check(.charging(1, "ai_tokens", tenant: "globex"))
        #expect(try await server.admin.usage("globex").status == 404, "nobody was created")
        #expect(try await server.admin.events().count == 3, "nothing was recorded")
    }

    @Test("B4: a refusal says which limit, how much is used of how much, and charges nothing")
    func refusal() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(99_000, "ai_tokens")
        let refused = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(7, "api_calls"), .charge(1_001, "ai_tokens")],
        ])
        expectRefusal(refused, by: Self.tokens)
        #expect(refused["denied_by", "requested"] == 1_001)
        #expect(refused["denied_by", "available"] == 1_000)
        #expect(refused.limit(Self.tokens)?["used"] == 99_000)
        #expect(refused.limit(Self.tokens)?["limit"] == 100_000)
        #expect(refused.limit(Self.tokens)?["remaining"] == 1_000)
        #expect(refused.header("Content-Type") == "application/problem+json")
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.tokens) == 99_000)
        #expect(usage.used(Self.calls) == 0, "the meter that had room is not charged either")
        let both = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(7, "api_calls"), .charge(1_000, "ai_tokens")],
        ])
        #expect(both.status == 200)
        #expect(both.used(Self.calls) == 7 && both.used(Self.tokens) == 100_000)
    }

    @Test("B4: of two that want the last unit at the same time one gets it, every time")
    func lastUnit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(3, "ai_tokens", per: "month")])
        for round in 0..<40 {
            let tenant = "t\(round)"
            #expect(try await server.admin.consume(2, "ai_tokens", tenant: tenant).status == 200)
            let replies = try await atOnce(2) { _ in
                try await server.admin.consume(1, "ai_tokens", tenant: tenant)
            }
            #expect(replies.map(\.status).sorted() == [200, 429], "\(tenant)")
            #expect(try await server.admin.usage(tenant).used(Self.tokens) == 3)
        }
    }

    @Test("B4: however many come at once, of one meter or two, none is sold twice")
    func crowd() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        let random = SharedRandom(seed: seed)
        let amounts = (0..<400).map { _ in Int64(random.next() % 9) + 1 }
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(1_000, "ai_tokens", per: "month"), .limit(150, "api_calls", per: "month")])
        let replies = try await atOnce(amounts.count) { index in
            let tokens = JSONValue.charge(amounts[index], "ai_tokens")
            return try await server.admin.consume([
                "tenant": "acme", "metadata": ["index": .integer(Int64(index))],
                "charges": index % 2 == 0 ? [tokens] : [tokens, .charge(1, "api_calls")],
            ])
        }
        #expect(Set(replies.map(\.status)) == [200, 429])
        let usage = try await server.admin.usage()
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        let admitted = events.compactMap { $0["metadata"]?["index"]?.integerValue }
        #expect(admitted.count == replies.count { $0.status == 200 })
        #expect(Set(admitted).count == admitted.count)
        let sold = admitted.reduce(0) { $0 + amounts[Int($1)] }
        #expect(sold <= 1_000 && usage.used(Self.tokens) == sold)
        let calls = admitted.count { $0 % 2 == 1 }
        #expect(calls <= 150 && usage.used(Self.calls) == Int64(calls))
        // Who was refused asked for at most 9: nothing more was left than that.
        #expect(sold > 1_000 - 9 || calls == 150, "\(sold) tokens, \(calls) calls")
    }

    @Test("B5: every consumption leaves a record with its metadata, and a refusal none")
    func records() async throws {
        let server = try await TestServer()
        let key = try await server.keyOfAcme()
        let metadata: [JSONValue] = [
            ["trace": "abc", "order": 17],
            ["nested": ["list": [1, nil, true], "naira": "₦ 1.500,00"], "": "\u{0}\"\\"], [:],
        ]
        for (index, metadata) in metadata.enumerated() {
            let reply = try await server.admin.consume(
                JSONValue.charging(Int64(index) + 1, "ai_tokens", model: "small", key: key)
                    .with("metadata", metadata))
            #expect(reply.status == 200, "\(reply.text)")
            server.clock.advanceSeconds(60)
        }
        let call = try await server.admin.consume(
            JSONValue.charging(1, "api_calls").with("metadata", ["path": "/v1"]))
        #expect(call.status == 200)
        let refused = try await server.admin.consume(
            JSONValue.charging(100_000, "ai_tokens").with("metadata", ["refused": true]))
        #expect(refused.status == 429)
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.map { $0["units"] } == [3, 2, 1], "newest first")
        #expect(Array(events.map { $0["metadata"] }.reversed()) == metadata)
        #expect(events.allSatisfy { $0["key"] == .string(key) && $0["model"] == "small" })
        #expect(Set(events.map { $0.string("id") }).count == 3)
        #expect(
            events.map { $0.string("admitted_at") } == [
                "2026-11-21T10:02:00.123Z", "2026-11-21T10:01:00.123Z",
                "2026-11-21T10:00:00.123Z",
            ])
        let calls = try await server.admin.events("acme", "meter=api_calls")
        #expect(calls.map { $0["metadata"] } == [["path": "/v1"]])
    }

    @Test("B5: a dispute of a month that is long over finds its records")
    func dispute() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(
            JSONValue.charging(500, "ai_tokens").with("metadata", ["invoice": "2026-11"]))
        for month in ["2026-12", "2027-01", "2027-02", "2027-11"] {
            try server.move(to: "\(month)-15T00:00:00Z")
            try await server.settleDown()
            _ = try await server.admin.consume(
                JSONValue.charging(1, "ai_tokens").with("metadata", ["invoice": .string(month)]))
        }
        let found = try await server.admin.events(
            "acme", "meter=ai_tokens&from=2026-11-01&to=2026-11-30")
        #expect(found.map { $0["metadata"] } == [["invoice": "2026-11"]])
        #expect(found.map { $0["units"] } == [500])
        #expect(try await server.admin.events("acme", "meter=ai_tokens").count == 5)
    }
}

extension TestServer {
    /// A new key of the new tenant acme, by its id.
    fileprivate func keyOfAcme() async throws -> String {
        _ = try await admin.createTenant(["id": "acme"])
        return try await admin.createKey().id
    }
}
