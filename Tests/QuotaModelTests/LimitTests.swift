import QuotaModel
import Testing

@Suite("Limits and plans")
struct LimitTests {
    private let tokens = Meter.aiTokens.id

    @Test("the default burst is a window's worth for second and minute, a tenth for hour")
    func bursts() {
        let rows: [(window: Window, quantity: Int64?, burst: Int64?)] = [
            (.second, 10, 10), (.minute, 600, 600), (.hour, 600, 60), (.hour, 605, 60),
            (.hour, 5, 1), (.hour, 0, 0), (.second, 0, 0), (.minute, 0, 0), (.hour, nil, nil),
            (.second, nil, nil), (.hour, Amount.maximum, Amount.maximum / 10),
        ]
        for row in rows {
            let limit = Limit(meter: tokens, window: row.window, quantity: row.quantity)
            #expect(limit.defaultBurst == row.burst, "\(row)")
            #expect(limit.effectiveBurst == row.burst, "\(row)")
        }
        let own = Limit(meter: tokens, window: .hour, quantity: 600, burst: 7)
        #expect(own.effectiveBurst == 7 && own.defaultBurst == 60)
    }

    @Test("limits are named scope:meter/window")
    func names() {
        let rows: [(scope: LimitScope, window: Window, name: String)] = [
            (.tenant, .month, "tenant:ai_tokens/month"), (.key(nil), .day, "key:ai_tokens/day"),
            (.key(.service), .lifetime, "key:ai_tokens/lifetime"),
            (
                .model(ModelName(trusted: "gpt-small")), .minute,
                "model(gpt-small):ai_tokens/minute"
            ), (.organization, .year, "org:ai_tokens/year"),
            (.tenant, .none, "tenant:ai_tokens/none"),
        ]
        for row in rows {
            let limit = Limit(meter: tokens, scope: row.scope, window: row.window, quantity: 1)
            #expect(limit.name == row.name)
        }
    }

    @Test("a soft limit is a share, rounded up")
    func softLimits() {
        let rows: [(quantity: Int64, percent: Int, soft: Int64)] = [
            (100_000, 80, 80_000), (99, 80, 80), (1, 80, 1), (0, 80, 0),
            (Amount.maximum, 100, Amount.maximum), (Amount.maximum, 80, 7_205_759_403_792_793),
            (.max, 100, .max),
        ]
        for row in rows {
            let limit = Limit(
                meter: tokens, window: .month, quantity: 1, softPercent: row.percent)
            #expect(limit.softLimit(of: row.quantity) == row.soft, "\(row)")
        }
    }

    @Test("budgets are denied and rates capped when the ledger is out of reach")
    func failurePolicies() {
        for window in Window.allCases {
            let limit = Limit(meter: tokens, window: window, quantity: 5)
            let expected: Limit.FailurePolicy = window.kind == .rate ? .allowCapped(5) : .deny
            #expect(limit.onUnavailable == expected)
            #expect(limit.mode == .enforce && limit.softPercent == 80 && limit.warns)
        }
        let open = Limit(meter: tokens, window: .day, quantity: 5, onUnavailable: .allow)
        #expect(open.onUnavailable == .allow)
    }

    @Test("windows are rates, budgets, allocations or what is held at once")
    func windows() {
        let kinds = Window.allCases.map(\.kind)
        #expect(kinds.prefix(3).allSatisfy { $0 == .rate })
        #expect(kinds[3..<8].allSatisfy { $0 == .budget })
        #expect(kinds[8...] == [.allocation, .concurrency])
        for window in Window.allCases {
            #expect((window.rateNanoseconds != nil) == (window.kind == .rate))
            #expect(window.hasAccount == [.budget, .allocation].contains(window.kind))
        }
        #expect(
            Window.allCases.map(\.rawValue) == [
                "second", "minute", "hour", "day", "week", "month", "year", "lifetime", "none",
                "concurrent",
            ])
    }

    @Test("the default plans are the published ones")
    func plans() {
        let rows: [(id: String, weight: Int64, quantities: [String: Int64?])] = [
            ("free", 1, quantities(1_000, 100_000, 1, 3, 2)),
            ("starter", 2, quantities(50_000, 1_000_000, 10, 10, 10)),
            ("professional", 4, quantities(500_000, 10_000_000, 100, 50, 100)),
            ("enterprise", 8, quantities(nil, nil, nil, nil, nil)),
        ]
        #expect(Plan.builtIn.count == rows.count)
        for (plan, row) in zip(Plan.builtIn, rows) {
            #expect(plan.id.text == row.id && plan.weight == row.weight)
            let limits = Dictionary(
                uniqueKeysWithValues: plan.limits.map { ($0.name, $0.quantity) })
            #expect(limits == row.quantities)
        }
        #expect(PlanID(trusted: "pro").canonical.text == "professional")
        #expect(PlanID(trusted: "professional").canonical.text == "professional")
        #expect(PlanID(trusted: "gold").canonical.text == "gold")
    }

    private func quantities(
        _ calls: Int64?,
        _ tokens: Int64?,
        _ storage: Int64?,
        _ members: Int64?,
        _ projects: Int64?
    ) -> [String: Int64?] {
        [
            "tenant:api_calls/month": calls, "tenant:ai_tokens/month": tokens,
            "tenant:storage_gb/none": storage, "tenant:team_members/none": members,
            "tenant:projects/none": projects,
        ]
    }

    @Test("tokens are kept by event, calls by the hour; the largest amount is 2^53 - 1")
    func meters() {
        #expect(Meter.aiTokens.recording == .event && Meter.apiCalls.recording == .hourly)
        #expect(Meter.builtIn.filter { $0.kind == .allocation }.count == 3)
        #expect(Amount.maximum == (1 << 53) - 1)
        #expect(Amount.unlimitedCapacity == 1 << 62)
    }
}
