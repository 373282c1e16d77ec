import QuotaEngine
import QuotaModel
import Testing

@Suite("What limits a tenant")
struct EntitlementsTests {
    private let tokens = Meter.aiTokens.id
    private let calls = Meter.apiCalls.id

    private func tenant(_ plan: String, revision: Int64 = 1) -> Tenant {
        Tenant(
            id: TenantID(trusted: "acme"), plan: PlanID(trusted: plan),
            createdAt: Timestamp(seconds: 0), revision: revision)
    }

    private func plan(_ id: String, _ limits: [Limit], revision: Int64 = 1) -> Plan {
        Plan(id: PlanID(trusted: id), name: id, weight: 3, limits: limits, revision: revision)
    }

    private func key(_ id: String, _ limits: [Limit], revision: Int64 = 1) -> APIKey {
        APIKey(
            id: APIKeyID(trusted: id), tenant: TenantID(trusted: "acme"), name: id,
            limits: limits, createdAt: Timestamp(seconds: 0), revision: revision)
    }

    @Test("a plan that does not exist falls back with a warning; an alias does not")
    func fallback() {
        let free = plan("free", [])
        #expect(Entitlements(tenant: tenant("free"), plan: free, key: nil).warnings.isEmpty)
        let unknown = Entitlements(tenant: tenant("gold"), plan: free, key: nil)
        #expect(unknown.plan == free.id && unknown.weight == 3)
        #expect(unknown.warnings.count == 1)
        #expect(unknown.warnings.first?.contains("\"gold\"") == true)
        #expect(unknown.warnings.first?.contains("\"free\"") == true)
        let alias = Entitlements(tenant: tenant("pro"), plan: plan("professional", []), key: nil)
        #expect(alias.warnings.isEmpty)
    }

    @Test("a meter that no budget bounds is metered by an unlimited month")
    func implicitMonth() throws {
        let day = Limit(meter: tokens, window: .day, quantity: 5)
        let rate = Limit(meter: calls, window: .minute, quantity: 5)
        let model = Limit(
            meter: calls, scope: .model(ModelName(trusted: "m")), window: .month, quantity: 5)
        let entitlements = Entitlements(
            tenant: tenant("free", revision: 9), plan: plan("free", [day, rate, model]), key: nil)
        let names = { (meters: [MeterID], model: ModelName?) in
            entitlements.applicable(to: meters, model: model).map(\.name)
        }
        #expect(names([tokens], nil) == ["tenant:ai_tokens/day"])
        #expect(names([calls], nil) == ["tenant:api_calls/minute", "tenant:api_calls/month"])
        #expect(
            Set(names([calls], ModelName(trusted: "m"))) == [
                "tenant:api_calls/minute", "model(m):api_calls/month", "tenant:api_calls/month",
            ])
        #expect(names([], nil).isEmpty)
        let month = try #require(entitlements.applicable(to: [calls], model: nil).last)
        #expect(month.limit.quantity == nil && month.revision == 9 << 16 && month.source == .plan)
    }

    @Test("only limits of the request's meters and model apply, and no allocations")
    func applicable() {
        let limits = [
            Limit(meter: tokens, window: .month, quantity: 1),
            Limit(
                meter: tokens, scope: .model(ModelName(trusted: "a")), window: .minute,
                quantity: 2),
            Limit(
                meter: tokens, scope: .model(ModelName(trusted: "b")), window: .minute,
                quantity: 3),
            Limit(meter: calls, window: .month, quantity: 4),
            Limit(meter: Meter.projects.id, window: .none, quantity: 5),
        ]
        let entitlements = Entitlements(
            tenant: tenant("free"), plan: plan("free", limits), key: nil)
        let quantities = { (meters: [MeterID], model: String?) in
            entitlements.applicable(to: meters, model: model.map(ModelName.init(trusted:)))
                .map(\.limit.quantity)
        }
        #expect(quantities([tokens], nil) == [1])
        #expect(quantities([tokens], "a") == [1, 2])
        #expect(quantities([calls, tokens], "b") == [1, 3, 4])
        #expect(quantities([calls], "c") == [4])
        #expect(entitlements.allocations.map(\.limit.quantity) == [5])
        #expect(entitlements.counters.count == 4)
    }

    @Test("limits of a key have accounts of their own, and replace those of every key")
    func keys() {
        let perKey = Limit(meter: calls, scope: .key(nil), window: .day, quantity: 10)
        let perHour = Limit(meter: calls, scope: .key(nil), window: .hour, quantity: 10)
        let own = Limit(
            meter: calls, scope: .key(APIKeyID(trusted: "k1")), window: .day, quantity: 99)
        let free = plan("free", [perKey, perHour])
        #expect(Entitlements(tenant: tenant("free"), plan: free, key: nil).limits.isEmpty)
        let first = Entitlements(
            tenant: tenant("free"), plan: free, key: key("k1", [own], revision: 7))
        #expect(first.limits.map(\.limit.quantity) == [10, 99])
        #expect(first.limits.map(\.source) == [.plan, .key])
        #expect(first.limits.map(\.revision) == [7 << 16, 7 << 16])
        let second = Entitlements(tenant: tenant("free"), plan: free, key: key("k2", []))
        #expect(second.limits.map(\.limit.quantity) == [10, 10])
        let accounts = Set((first.limits + second.limits).map(\.accountName))
        #expect(accounts.count == 4, "\(accounts)")
        #expect(first.limits.allSatisfy { $0.name.hasPrefix("key:api_calls/") })
    }

    @Test("the revision of a limit is the newest of what it is compiled from, and of no more")
    func revision() {
        let limit = Limit(meter: tokens, window: .month, quantity: 1)
        let perKey = Limit(meter: tokens, scope: .key(nil), window: .month, quantity: 1)
        let cases: [(of: [Int64], tenant: Int64, key: Int64)] = [
            ([9, 2, 3], 9, 9), ([1, 9, 3], 9, 9), ([1, 2, 9], 2, 9),
        ]
        for (of, tenantLimit, keyLimit) in cases {
            let entitlements = Entitlements(
                tenant: tenant("free", revision: of[0]),
                plan: plan("free", [limit, perKey], revision: of[1]),
                key: key("k1", [], revision: of[2]))
            #expect(
                entitlements.limits.map(\.revision) == [tenantLimit << 16, keyLimit << 16])
        }
    }

    @Test("an override replaces or adds a limit until its end, which makes the revision newer")
    func overrides() throws {
        let limit = Limit(meter: tokens, window: .month, quantity: 10, softPercent: 50)
        let end = Timestamp(seconds: 1_000)
        func override(_ meter: MeterID, _ quantity: Int64?, _ end: Timestamp?) -> LimitOverride {
            LimitOverride(
                id: LimitOverride.ID(
                    tenant: TenantID(trusted: "acme"), meter: meter, window: .month),
                quantity: quantity, expiresAt: end, createdAt: Timestamp(seconds: 1))
        }
        func compiled(at now: Timestamp) -> Entitlements {
            Entitlements(
                tenant: tenant("free", revision: 3), plan: plan("free", [limit], revision: 2),
                key: nil, overrides: [override(tokens, nil, end), override(calls, 7, nil)],
                now: now)
        }
        let before = compiled(at: end.adding(nanoseconds: -1))
        #expect(before.limits.map(\.limit.quantity) == [nil, 7])
        #expect(before.limits.map(\.source) == [.override, .override])
        #expect(before.limits[0].limit.softPercent == 50)
        #expect(before.validUntil == end)
        let after = compiled(at: end)
        #expect(after.limits.map(\.limit.quantity) == [10, 7])
        #expect(after.limits.map(\.source) == [.plan, .override])
        #expect(after.validUntil == nil)
        #expect(after.limits[0].revision > before.limits[0].revision)
    }
}
