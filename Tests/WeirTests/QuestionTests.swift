import QuotaModel
import QuotaTesting
import Testing
import Weir

@Suite("questions about a tenant, and lists")
struct QuestionTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private func use(_ weir: Weir, _ tenant: TenantID, _ meter: MeterID, _ amount: Int64)
        async throws
    {
        let decision = try await weir.consume(
            tenant: tenant, charges: [Charge(meter: meter, amount: amount)])
        #expect(decision.isAllowed)
    }

    @Test("what is left, whether it is near its end, and whether there is room")
    func tokens() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            #expect(try await weir.remainingTokens(tenant: "acme") == 100_000)
            #expect(try await weir.canGenerate(tenant: "acme", tokens: 100_000))
            #expect(try await weir.canGenerate(tenant: "acme", tokens: 100_001) == false)
            try await use(weir, "acme", .aiTokens, 79_999)
            #expect(try await weir.isNearLimit(tenant: "acme") == false)
            try await use(weir, "acme", .aiTokens, 1)
            #expect(try await weir.isNearLimit(tenant: "acme"))
            #expect(try await weir.isNearLimit(tenant: "acme", meter: .apiCalls) == false)
            #expect(try await weir.remainingTokens(tenant: "acme") == 20_000)
            try await use(weir, "acme", .aiTokens, 20_000)
            #expect(try await weir.canGenerate(tenant: "acme") == false)
            #expect(try await weir.isNearLimit(tenant: "acme"))
            #expect(try await weir.remainingTokens(tenant: "acme") == 0)
            try await weir.createTenant("globex", plan: "enterprise")
            #expect(try await weir.remainingTokens(tenant: "globex") == nil)
        }
    }

    @Test("a suspended tenant has no tokens left")
    func suspended() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            try await weir.updateTenant("acme") { $0.status = .suspended }
            #expect(try await weir.remainingTokens(tenant: "acme") == 0)
            #expect(try await weir.canGenerate(tenant: "acme") == false)
        }
    }

    @Test("E1: the plan that holds, why, and what comes next")
    func resolvedPlan() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme", plan: "starter")
            try await weir.createTenant("globex", plan: "nope")
            let own = try await weir.resolvePlan(tenant: "acme")
            #expect((own.plan.id, own.named, own.reason) == ("starter", "starter", .subscription))
            #expect((own.trialEndsAt, own.next) == (nil, nil))
            let unknown = try await weir.resolvePlan(tenant: "globex")
            #expect((unknown.plan.id, unknown.named) == ("free", "nope"))
            #expect(unknown.reason == .fallback)
            let nobody = await #expect(throws: WeirError.self) {
                try await weir.resolvePlan(tenant: "nobody")
            }
            #expect(nobody?.code == .notFound)
        }
    }

    @Test("an override holds instead of the plan, until it ends")
    func effectiveLimit() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            func limit(_ window: Window? = nil) async throws -> LimitStatus? {
                try await weir.effectiveLimit(for: .aiTokens, window: window, tenant: "acme")
            }
            #expect(try await limit()?.limit == 100_000)
            #expect(try await limit()?.source == .plan)
            #expect(try await limit(.day) == nil)
            let end = folder.clock.now.adding(nanoseconds: 3_600_000_000_000)
            let override = try await weir.putOverride(
                .quantity(250_000), tenant: "acme", meter: .aiTokens, window: .month,
                expiresAt: end, author: "ana", reason: "a trial")
            #expect(override.reason == "a trial")
            #expect(override.author == "ana")
            let later = try await weir.putOverride(
                .multiplier(percent: 300), tenant: "acme", meter: .aiTokens, window: .month,
                startsAt: end.adding(nanoseconds: 3_600_000_000_000), periods: 1)
            #expect(try await weir.overrides(of: "acme") == [override, later])
            #expect(try await limit()?.limit == 250_000)
            #expect(try await limit()?.source == .override)
            folder.clock.advance(by: .seconds(3_600))
            #expect(try await limit()?.limit == 100_000)
            folder.clock.advance(by: .seconds(3_600))
            #expect(try await limit()?.limit == 300_000)
            try await weir.deleteOverride(
                tenant: "acme", meter: .aiTokens, window: .month, startsAt: later.id.startsAt)
            #expect(try await limit()?.limit == 100_000)
            for effect in [LimitOverride.Effect.quantity(-1), .multiplier(percent: 0)] {
                let error = await #expect(throws: WeirError.self) {
                    try await weir.putOverride(
                        effect, tenant: "acme", meter: .aiTokens, window: .month)
                }
                #expect(error?.code == .invalid)
            }
            try await weir.putOverride(
                .quantity(10), tenant: "acme", meter: .aiTokens, window: .day)
            #expect(try await limit(.day)?.limit == 10)
            try await weir.deleteOverride(tenant: "acme", meter: .aiTokens, window: .day)
            #expect(try await limit(.day) == nil)
            let seats = try await weir.effectiveLimit(for: .teamMembers, tenant: "acme")
            #expect(seats?.limit == 3)
        }
    }

    @Test("about tenants and meters that do not exist")
    func unknown() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let tenant = await #expect(throws: WeirError.self) {
                try await weir.isNearLimit(tenant: "acme")
            }
            #expect(tenant?.code == .notFound)
            let meter = await #expect(throws: WeirError.self) {
                try await weir.effectiveLimit(for: "gpu_seconds", tenant: "acme")
            }
            #expect(meter?.field == "meter")
            try await weir.createTenant("acme")
            let near = await #expect(throws: WeirError.self) {
                try await weir.isNearLimit(tenant: "acme", meter: "gpu_seconds")
            }
            #expect(near?.field == "meter")
        }
    }

    @Test("all use of a day, a page at a time, with who has none left")
    func allUsage() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            for (tenant, units) in [("a", 5), ("b", 1_000), ("c", 7)] as [(TenantID, Int64)] {
                try await use(weir, tenant, .apiCalls, units)
            }
            let first = try await weir.getAllUsage(limit: 2)
            #expect(first.date == folder.clock.now.date)
            #expect(first.rows.map(\.tenant) == ["a", "b"])
            #expect(first.rows.map(\.units) == [5, 1_000])
            #expect(first.rows.map(\.isExceeded) == [false, true])
            #expect((first.totalTenants, first.exceededTenants) == (3, 1))
            #expect(first.nextOffset == 2)
            let second = try await weir.getAllUsage(limit: 2, offset: 2)
            #expect(second.rows.map(\.tenant) == ["c"])
            #expect(second.nextOffset == nil)
            let none = try await weir.getAllUsage(date: CivilDate("2020-01-01"))
            #expect(none.rows.isEmpty)
            for (limit, offset) in [(0, 0), (1_001, 0), (1, -1)] {
                let error = await #expect(throws: WeirError.self) {
                    try await weir.getAllUsage(limit: limit, offset: offset)
                }
                #expect(error?.code == .invalid)
            }
        }
    }

    @Test("the cache is warmed, counted and cleared, and nothing consumed is forgotten")
    func cache() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            let warmed = try await weir.warmCache(tenants: ["acme", "nobody"], plan: "free")
            #expect(warmed.warmed == 1)
            #expect(warmed.notFound == ["nobody"])
            for _ in 0..<10 { _ = try await weir.recordCommand(tenant: "acme") }
            let stats = try weir.getCacheStats()
            #expect((stats.total, stats.admitted, stats.refused) == (10, 10, 0))
            #expect(stats.hits >= 9)
            #expect((stats.cacheSize, stats.maximumCacheSize) == (1, 10_000))
            #expect(try await weir.clearCache() >= 1)
            let cleared = try weir.getCacheStats()
            #expect(cleared.cacheSize == 0)
            #expect(try await weir.recordCommand(tenant: "acme").limits[0].used == 11)
        }
    }
}
