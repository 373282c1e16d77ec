import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Recorded use that a plan is tried on.
extension LedgerCheck {
    static let whatIf = [
        LedgerCheck("recorded use is judged tenant by tenant, in the order of time", whatIfJudges),
        LedgerCheck("recorded use is judged once, whatever table it stands in", whatIfCounts),
    ]

    private static func judge(
        _ scenario: Scenario,
        _ names: [String],
        _ limits: Limit...,
        since: String,
        until: String
    ) async throws -> [WhatIfRefusals] {
        let plan = WhatIfPlan(
            Plan(id: .fallback, name: "Q", weight: 1, limits: limits),
            meters: Meter.builtIn.map { WhatIfPlan.RecordedMeter($0) })
        let (since, until) = (try scenario.instant(since), try scenario.instant(until))
        let judges = names.map { name in
            WhatIfTenant(
                plan, tenant: TenantID(trusted: name), calendar: TenantCalendar(zone: .utc),
                since: since, until: until)
        }
        return try await scenario.ledger.judge(judges)
    }

    private static func whatIfJudges(_ scenario: Scenario) async throws {
        var scenario = scenario
        var named = Subject("acme", .tokens(nil, per: .month))
        named.key = APIKeyID(trusted: "k\u{E9}")
        named.model = ModelName(trusted: "m")
        let other = Subject("Acme", .tokens(nil, per: .month))
        // Booked backwards: what counts is when it was admitted.
        try scenario.setClock("2026-11-10T08:00:00Z")
        let early = try await scenario.reserve(named, 60)
        for (instant, units) in [
            ("2026-11-11T08:00:00.000000001Z", Int64(30)), ("2026-11-12T08:00:00Z", 11),
        ] {
            try scenario.setClock(instant)
            try await scenario.consume(named, [Subject.tokens: units])
            try await scenario.consume(other, [Subject.tokens: units])
        }
        try await scenario.settle(early, 60)
        try await scenario.reopen()
        func found(until: String) async throws -> [WhatIfRefusals] {
            try await judge(
                scenario, ["nobody", "acme", "Acme"], .tokens(100, per: .month),
                .tokens(40, per: .day, scope: .model(ModelName(trusted: "m"))),
                .tokens(29, per: .week, scope: .key(nil), mode: .shadow),
                since: "2026-11-11T00:00:00Z", until: until)
        }
        let all = try await found(until: "2026-11-30T00:00:00Z")
        // The first is refused by the model's limit, before it counts.
        try expectEqual(all.map(\.rows), [0, 3, 2], "rows")
        try expectEqual(all[1].limits.map(\.requests), [0, 0, 2], "refusals")
        try expectEqual(all[1].limits[2].units, 41, "units")
        try expectEqual(
            all[1].limits[2].first, try scenario.instant("2026-11-11T08:00:00.000000001Z"), "first")
        try expectEqual(all[2].limits.map(\.requests), [0, 0, 0], "of the other")
        let before = try await found(until: "2026-11-12T08:00:00Z")
        try expectEqual(before.map(\.rows), [0, 2, 1], "rows before the end")
    }

    private static func whatIfCounts(_ scenario: Scenario) async throws {
        var scenario = scenario
        var subject = Subject("acme", .tokens(nil, per: .month), .calls(nil, per: .month))
        try scenario.setClock("2026-11-10T08:30:00Z")
        for _ in 0..<3 {
            try await scenario.consume(subject, [Subject.tokens: 10, Subject.calls: 1])
        }
        // A row of its own beside the sum of the hour.
        subject.metadata = #"{"a":1}"#
        try await scenario.consume(subject, [Subject.calls: 4])
        try scenario.setClock("2026-11-10T08:40:00Z")
        try await scenario.adjust(subject, 5, of: Subject.calls, id: "a_1")
        try await scenario.adjust(subject, -20, id: "a_2")
        try scenario.setClock("2026-11-10T09:30:00Z")
        try await scenario.consume(subject, [Subject.tokens: 10, Subject.calls: 1])
        try await scenario.reopen()
        func refused(tokens: Int64, calls: Int64) async throws -> [Int64] {
            try await judge(
                scenario, ["acme"], .tokens(tokens, per: .month), .calls(calls, per: .month),
                since: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z")[0]
                .limits.map(\.units)
        }
        try expectEqual(try await refused(tokens: 30, calls: 13), [0, 0], "everything fits")
        try expectEqual(try await refused(tokens: 29, calls: 12), [10, 1], "of either one")
        try expectEqual(try await refused(tokens: 30, calls: 4), [0, 8], "corrections count")
    }
}
