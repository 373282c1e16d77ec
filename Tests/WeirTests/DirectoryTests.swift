import QuotaModel
import QuotaTesting
import Testing
import Weir

@Suite("tenants, plans and keys of an embedded engine")
struct DirectoryTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test("a tenant is created once, and changed at once")
    func tenants() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let created = try await weir.createTenant(
                "acme", plan: "pro", name: "Acme", timeZone: "Africa/Lagos",
                billingAnchor: LocalDateTime("2026-01-31T00:00"), currency: "NGN")
            #expect(created.firstPlan == "professional")
            #expect(try await weir.tenant("acme") == created)
            let twice = await #expect(throws: WeirError.self) {
                try await weir.createTenant("acme")
            }
            #expect(twice?.code == .alreadyExists)
            try await weir.updateTenant("acme", reason: "asked for") { $0.name = "ACME" }
            #expect(try await weir.tenant("acme").name == "ACME")
            let changed = try await weir.changePlan(of: "acme", PlanRequest(plan: "starter"))
            #expect(changed.lastPlan == "starter" && changed.planSteps.count == 1)
            #expect(try await weir.checkQuota(tenant: "acme").limits[0].limit == 500_000)
            try await weir.changePlan(of: "acme", PlanRequest(plan: "enterprise"))
            #expect(try await weir.checkQuota(tenant: "acme").limits[0].limit == nil)
        }
    }

    @Test("a tenant and a key that do not exist can't be changed")
    func missing() async throws {
        let weir = try await Weir.open(folder.options())
        do {
            try await weir.updateTenant("acme") { $0.name = "ACME" }
            Issue.record("changed")
        } catch let error where error.code == .notFound {
            #expect(error.message == "there is no tenant \"acme\"")
        }
        do {
            try await weir.updateKey("k_1") { $0.status = .revoked }
            Issue.record("changed")
        } catch let error where error.code == .notFound {
            #expect(error.message == "there is no key \"k_1\"")
        }
        try await weir.close()
    }

    @Test("what can't be meant of a tenant names its field")
    func invalidTenants() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            let changes: [(field: String, change: @Sendable (inout Tenant) -> Void)] = [
                ("timeZone", { $0.timeZone = "Africa/Atlantis" }),
                ("currency", { $0.currency = "naira" }),
                ("name", { $0.name = "" }),
                ("billingAnchor", { $0.billingAnchor = LocalDateTime("1492-10-12") }),
            ]
            for (field, change) in changes {
                let error = await #expect(throws: WeirError.self) {
                    try await weir.updateTenant("acme", change)
                }
                #expect(error?.code == .invalid)
                #expect(error?.field == field)
            }
        }
    }

    @Test("a plan of one's own holds at once, and is there again later")
    func plans() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createMeter(
                Meter(id: "gpu_seconds", kind: .counter, recording: .event))
            try await weir.putPlan(
                Plan(
                    id: "lab", name: "Lab", weight: 1,
                    limits: [
                        Limit(meter: "gpu_seconds", window: .day, quantity: 3),
                        Limit(meter: .apiCalls, window: .minute, quantity: 2, burst: 2),
                    ]))
            try await weir.createTenant("acme", plan: "lab")
            func call() async throws -> Decision { try await weir.recordCommand(tenant: "acme") }
            #expect(try await call().isAllowed)
            #expect(try await call().isAllowed)
            let third = try await call()
            #expect(third.deniedBy?.reason == .rateExceeded)
            #expect(third.deniedBy?.retryAfterNanoseconds == 30_000_000_000)
            folder.clock.advance(by: .seconds(30))
            #expect(try await call().isAllowed)
        }
        try await Weir.withOpen(folder.options()) { weir in
            let plans = try weir.plans()
            #expect(plans.contains { $0.id == "lab" })
            let meters = try weir.meters()
            #expect(meters["gpu_seconds"]?.kind == .counter)
        }
    }

    @Test("limits that can't be meant are refused, with their place")
    func invalidPlans() async throws {
        func limit(_ change: (inout Limit) -> Void) -> Limit {
            var limit = Limit(meter: .apiCalls, window: .minute, quantity: 5)
            change(&limit)
            return limit
        }
        let cases: [(Limit, String)] = [
            (limit { $0.quantity = -1 }, "limits[0].quantity"),
            (limit { $0.quantity = Amount.maximum + 1 }, "limits[0].quantity"),
            (limit { $0.burst = 0 }, "limits[0].burst"),
            (limit { ($0.burst, $0.window) = (5, .day) }, "limits[0].burst"),
            (limit { $0.softPercent = 101 }, "limits[0].softPercent"),
            (limit { $0.window = .none }, "limits[0].window"),
            (limit { $0.meter = .projects }, "limits[0].window"),
            (limit { $0.scope = .organization }, "limits[0].scope"),
            (limit { $0.scope = .key("k_1") }, "limits[0].scope"),
            (limit { $0.meter = "nothing" }, "limits[0].meter"),
            (limit { ($0.window, $0.thresholds) = (.day, [50, 0]) }, "limits[0].thresholds[1]"),
            (limit { ($0.window, $0.thresholds) = (.day, [101]) }, "limits[0].thresholds[0]"),
            (limit { $0.thresholds = [50] }, "limits[0].thresholds"),
            (
                limit { ($0.window, $0.thresholds) = (.day, Array(1...17)) },
                "limits[0].thresholds"
            ),
            (limit { $0.rollover = try? Rollover(cap: nil) }, "limits[0].rollover"),
            (
                limit { ($0.window, $0.rollover) = (.lifetime, try? Rollover(cap: nil)) },
                "limits[0].rollover"
            ),
        ]
        try await Weir.withOpen(folder.options()) { weir in
            for (limit, field) in cases {
                let error = await #expect(throws: WeirError.self) {
                    try await weir.putPlan(Plan(id: "x", name: "X", weight: 1, limits: [limit]))
                }
                #expect(error?.code == .invalid)
                #expect(error?.field == field)
            }
            let plans = try weir.plans()
            #expect(plans.count == 4)
        }
    }

    @Test("a key is verified by its text, also when the folder is opened again")
    func keys() async throws {
        var text = ""
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            let issued = try await weir.createKey(
                tenant: "acme", name: "prod",
                limits: [Limit(meter: .apiCalls, window: .day, quantity: 1)])
            text = issued.text
            #expect(text.hasPrefix("wk_live_"))
            let key = try #require(try await weir.verifyKey(text))
            #expect(key.id == issued.key.id)
            #expect(key.tenant == "acme")
            #expect(try await weir.consume(tenant: "acme", key: key.id).isAllowed)
            let second = try await weir.consume(tenant: "acme", key: key.id)
            #expect(second.deniedBy?.limitID == "key:api_calls/day")
            #expect(try await weir.recordCommand(tenant: "acme").isAllowed, "without the key")
        }
        try await Weir.withOpen(folder.options()) { weir in
            let known = try await weir.verifyKey(text)
            #expect(known?.tenant == "acme")
            for wrong in ["", "wk_live_", String(text.dropLast()) + "!", text + " "] {
                #expect(try await weir.verifyKey(wrong) == nil)
            }
        }
    }

    @Test("a suspended key decides nothing, a revoked one is nobody's")
    func keyStatus() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            let issued = try await weir.createKey(tenant: "acme", name: "prod")
            try await weir.updateKey(issued.key.id) { $0.status = .suspended }
            #expect(try await weir.verifyKey(issued.text)?.status == .suspended)
            let refused = try await weir.consume(tenant: "acme", key: issued.key.id)
            #expect(refused.deniedBy?.reason == .suspended)
            try await weir.updateKey(issued.key.id, reason: "leaked") { $0.status = .revoked }
            #expect(try await weir.verifyKey(issued.text) == nil)
            let revived = await #expect(throws: WeirError.self) {
                try await weir.updateKey(issued.key.id) { $0.status = .active }
            }
            #expect(revived?.code == .conflict)
            let nobody = await #expect(throws: WeirError.self) {
                try await weir.createKey(tenant: "globex", name: "prod")
            }
            #expect(nobody?.code == .notFound)
        }
    }
}
