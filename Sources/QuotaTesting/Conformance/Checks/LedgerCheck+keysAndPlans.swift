import QuotaLedger
import QuotaModel

// Keys and plans.
extension LedgerCheck {
    static let keysAndPlans = [
        LedgerCheck("keys are found by id and by public id", findsKeys),
        LedgerCheck("keys are listed by id, of one tenant or of all", listsKeys),
        LedgerCheck("a plan is replaced whole and keeps every field", replacesPlans),
        LedgerCheck("a command that can't be run breaks nothing", survivesBadCommands),
    ]

    private static func key(_ id: String, of tenant: String, limits: [Limit] = []) -> KeyRecord {
        KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: id), tenant: TenantID(trusted: tenant), name: "prod",
                isTest: id.hasPrefix("t"), limits: limits, createdAt: Timestamp(seconds: 1),
                expiresAt: limits.isEmpty ? nil : Timestamp(nanoseconds: 2_000_000_001)),
            credential: KeyCredential(
                publicID: "public-\(id)", digest: Array(0..<32), pepperVersion: 7))
    }

    private static func createTenants(_ scenario: Scenario, _ ids: [String]) async throws {
        for id in ids {
            try await scenario.ledger.change(
                .createTenant(Tenant(id: TenantID(trusted: id), createdAt: scenario.clock.now)))
        }
    }

    private static func findsKeys(_ scenario: Scenario) async throws {
        var scenario = scenario
        try await createTenants(scenario, ["acme"])
        let limits: [Limit] = [
            .calls(100, per: .day), .tokens(nil, per: .minute, scope: .key(nil)),
        ]
        for var record in [key("k1", of: "acme", limits: limits), key("t2", of: "acme")] {
            record.key.revision = try await scenario.ledger.change(.createKey(record)) ?? -1
            let id = record.key.id
            try expectEqual(try await scenario.ledger.key(id), record, "the key by id")
            try await scenario.reopen()
            try expectEqual(
                try await scenario.ledger.key(publicID: record.credential.publicID), record,
                "the key by public id")
        }
        let again = key("k1", of: "acme")
        try expect(
            try await scenario.ledger.change(.createKey(again)) == nil, "a taken id is refused")
        let sharing = KeyRecord(
            key: key("k3", of: "acme").key, credential: key("k1", of: "acme").credential)
        try expect(
            try await scenario.ledger.change(.createKey(sharing)) == nil,
            "a taken public id is refused")
        try expect(
            try await scenario.ledger.key(APIKeyID(trusted: "k3")) == nil,
            "a refused key is not there")
        try expect(
            try await scenario.ledger.key(publicID: "public-k") == nil, "no key for a part of an id"
        )
    }

    private static func listsKeys(_ scenario: Scenario) async throws {
        try await createTenants(scenario, ["acme", "zeta"])
        for id in ["k3", "K1", "k\u{E9}", "k2"] {
            try await scenario.ledger.change(.createKey(key(id, of: "acme")))
        }
        try await scenario.ledger.change(.createKey(key("k21", of: "zeta")))
        let ledger = scenario.ledger
        let acme = TenantID(trusted: "acme")
        let first = try await ledger.keys(of: .tenant(acme), after: nil, limit: 3)
            .map(\.key.id.text)
        try expectEqual(first, ["K1", "k2", "k3"], "the first keys of a tenant")
        let rest = try await ledger.keys(
            of: .tenant(acme), after: APIKeyID(trusted: "k3"), limit: 3)
        try expectEqual(rest.map(\.key.id.text), ["k\u{E9}"], "the keys after the third")
        let all = try await ledger.keys(of: .tenants, after: nil, limit: 100).map(\.key.id.text)
        try expectEqual(all, ["K1", "k2", "k21", "k3", "k\u{E9}"], "the keys of all tenants")
        let none = try await ledger.keys(of: .tenant(TenantID(trusted: "x")), after: nil, limit: 1)
        try expect(none.isEmpty, "a missing tenant has no keys", saw: "\(none)")
    }

    private static func replacesPlans(_ scenario: Scenario) async throws {
        var scenario = scenario
        let tokens = Subject.tokens
        let model = LimitScope.model(ModelName(trusted: "gpt}{small"))
        var plan = Plan(
            id: PlanID(trusted: "team"), name: "Team", weight: 3,
            limits: [
                Limit(
                    meter: tokens, window: .month, quantity: 5, softPercent: 1, warns: false,
                    mode: .shadow, onUnavailable: .allow),
                Limit(meter: tokens, scope: model, window: .minute, quantity: 7, burst: 9),
                Limit(
                    meter: tokens, scope: .organization, window: .hour, quantity: nil,
                    onUnavailable: .allowCapped(4)),
                Limit(
                    meter: tokens, scope: .key(nil), window: .lifetime,
                    quantity: Amount.maximum),
            ])
        for limits in [plan.limits, Array(plan.limits.reversed().dropLast(2)), []] {
            plan.limits = limits
            plan.revision = try await scenario.ledger.change(.putPlan(plan)) ?? -1
            try await scenario.reopen()
            let plans = try await scenario.ledger.plans()
            try expectEqual(plans.first { $0.id == plan.id }, plan, "the plan as it was put")
            try expectEqual(
                plans.map(\.id.text),
                ["free", "starter", "team", "professional", "enterprise"], "plans by weight")
        }
    }

    private static func survivesBadCommands(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month))
        let unknown = MeterID(trusted: "unknown")
        let bad: [LedgerCommand] = [
            .createKey(key("k1", of: "nobody")),
            .putPlan(
                Plan(
                    id: PlanID(trusted: "odd"), name: "Odd", weight: 1,
                    limits: [Limit(meter: unknown, window: .month, quantity: 1)])),
        ]
        for (index, command) in bad.enumerated() {
            // A store may take it or refuse it; it must not stop working.
            _ = try? await scenario.ledger.commit([command])
            let isAdmitted: Bool
            do {
                isAdmitted = try await scenario.consume(subject, 1)
            } catch {
                throw ConformanceFailure(
                    promise: "the ledger still works after it refused bad command \(index)",
                    seen: "\(error)", line: #line)
            }
            try expect(isAdmitted, "the ledger still admits")
        }
    }
}
