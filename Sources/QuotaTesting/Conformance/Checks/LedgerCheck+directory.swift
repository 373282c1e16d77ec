import QuotaLedger
import QuotaModel

// Tenants, meters and settings.
extension LedgerCheck {
    static let directory = [
        LedgerCheck("a new ledger has the default plans and meters", builtIns),
        LedgerCheck("an id is taken once and its first owner stays", createsOnce),
        LedgerCheck("ids are equal byte by byte, whatever is in them", hostileIDs),
        LedgerCheck("a tenant comes back as it was created", keepsTenants),
        LedgerCheck("meters are created once", createsMeters),
        LedgerCheck("settings are kept until they are removed", keepsSettings),
        LedgerCheck("revisions grow with every change", revisionsGrow),
        LedgerCheck("statistics count", statistics),
    ]

    private static func builtIns(_ scenario: Scenario) async throws {
        let plans = try await scenario.ledger.plans()
        try expectEqual(plans.map(\.id), Plan.builtIn.map(\.id), "plans by weight")
        try expectEqual(plans.map(\.limits), Plan.builtIn.map(\.limits), "the plans' limits")
        try expectEqual(plans.map(\.weight), [1, 2, 4, 8], "the plans' weights")
        let meters = try await scenario.ledger.meters()
        try expectEqual(
            meters, Meter.builtIn.sorted { $0.id < $1.id }, "the built-in meters by id")
        let tenants = try await scenario.ledger.tenants(of: nil, after: nil, limit: 10)
        try expect(tenants.isEmpty, "a new ledger has no tenants", saw: "\(tenants)")
    }

    private static func createsOnce(_ scenario: Scenario) async throws {
        let ledger = scenario.ledger
        let id = TenantID(trusted: "acme")
        let first = Tenant(id: id, name: "First", createdAt: scenario.clock.now)
        let second = Tenant(id: id, name: "Second", createdAt: scenario.clock.now)
        let revision = try await ledger.change(.createTenant(first))
        try expect(revision != nil, "a free id is given")
        try expect(try await ledger.change(.createTenant(second)) == nil, "a taken id is refused")
        try expectEqual(try await ledger.tenant(id)?.name, "First", "the first owner stays")
        let answers = try await ledger.commit([
            .createTenant(Tenant(id: TenantID(trusted: "b"), createdAt: scenario.clock.now)),
            .createTenant(Tenant(id: TenantID(trusted: "b"), createdAt: scenario.clock.now)),
        ])
        guard case .changed = answers[0], case .alreadyExists = answers[1] else {
            throw ConformanceFailure(
                promise: "an id is taken once within a batch too", seen: "\(answers)", line: #line)
        }
        try expect(try await ledger.tenant(TenantID(trusted: "c")) == nil, "others are missing")
    }

    /// Ids that look alike, hold syntax of somebody else, or are as long as may be.
    private static let hostile = [
        "a}{b", "{}", "{", "../", "..", "a/b", "%2F", "%", "_", "'; DROP TABLE tenants; --",
        "\"", "\\", "*", "?", ":", " ", "  ", "A", "a", "e\u{301}", "\u{E9}", "\u{212B}",
        "\u{C5}", "A\u{30A}", "\u{200B}", "a\u{200B}", "\u{FEFF}a", "\u{1F468}\u{200D}\u{1F469}",
        "null", "0", "-1", "NaN", String(repeating: "\u{1F600}", count: 64),
        String(repeating: "x", count: 256), String(repeating: "x", count: 255),
    ]

    private static func hostileIDs(_ scenario: Scenario) async throws {
        let ledger = scenario.ledger
        let ids = hostile.map { TenantID(trusted: $0) }
        for id in ids {
            let tenant = Tenant(id: id, createdAt: scenario.clock.now)
            let revision = try await ledger.change(.createTenant(tenant))
            try expect(revision != nil, "\(id.text.debugDescription) is an id of its own")
        }
        for (index, id) in ids.enumerated() {
            let subject = Subject(tenant: id, limits: [.tokens(1_000, per: .month)])
            try await scenario.consume(subject, Int64(index + 1))
        }
        for (index, id) in ids.enumerated() {
            let subject = Subject(tenant: id, limits: [.tokens(1_000, per: .month)])
            try expectEqual(
                try await scenario.balances(subject).posted, Int64(index + 1),
                "use of \(id.text.debugDescription)")
            let found = try await ledger.tenant(id)
            try expectEqual(found?.id, id, "\(id.text.debugDescription) is found")
        }
        var listed: [TenantID] = []
        while true {
            let page = try await ledger.tenants(of: nil, after: listed.last, limit: 3)
            listed += page.map(\.id)
            if page.count < 3 { break }
        }
        let ordered = hostile.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try expectEqual(
            listed.map { Array($0.text.utf8) }, ordered.map { Array($0.utf8) },
            "pages list every tenant once, in the order of bytes")
    }

    private static func keepsTenants(_ scenario: Scenario) async throws {
        var scenario = scenario
        let anchor = LocalDateTime("2026-01-31T09:30")
        let full = Tenant(
            id: TenantID(trusted: "full"), name: "Straße 1", plan: PlanID(trusted: "pro"),
            organization: "org", timeZone: "Africa/Lagos", billingAnchor: anchor,
            billingInterval: .year, status: .suspended, currency: "NGN",
            createdAt: scenario.clock.now.adding(nanoseconds: 1))
        let plain = Tenant(id: TenantID(trusted: "plain"), createdAt: scenario.clock.now)
        for tenant in [full, plain] {
            var expected = tenant
            expected.revision = try await scenario.ledger.change(.createTenant(tenant)) ?? -1
            try expectEqual(try await scenario.ledger.tenant(tenant.id), expected, "the tenant")
        }
        let before = try await scenario.ledger.tenants(of: nil, after: nil, limit: 10)
        try await scenario.reopen()
        try expectEqual(
            try await scenario.ledger.tenants(of: nil, after: nil, limit: 10), before,
            "the tenants after a restart")
    }

    private static func createsMeters(_ scenario: Scenario) async throws {
        let meter = Meter(
            id: MeterID(trusted: "gpu_seconds"), kind: .counter, recording: .hourly)
        let ledger = scenario.ledger
        try expect(try await ledger.change(.createMeter(meter)) != nil, "a free id is given")
        let other = Meter(id: meter.id, kind: .allocation, recording: .event)
        try expect(try await ledger.change(.createMeter(other)) == nil, "a taken id is refused")
        let builtIn = try await ledger.change(.createMeter(.aiTokens))
        try expect(builtIn == nil, "a built-in id is taken")
        let meters = try await ledger.meters()
        try expect(meters.contains(meter), "the first form of a meter stays", saw: "\(meters)")
        try expectEqual(meters.count, Meter.builtIn.count + 1, "the number of meters")
    }

    private static func keepsSettings(_ scenario: Scenario) async throws {
        var scenario = scenario
        let name = "admin_token"
        try expect(try await scenario.ledger.setting(name) == nil, "a new ledger has no settings")
        try await scenario.ledger.change(.putSetting(name: name, value: "one"))
        try await scenario.ledger.change(.putSetting(name: name, value: "two\n; -- '"))
        try await scenario.reopen()
        try expectEqual(
            try await scenario.ledger.setting(name), "two\n; -- '", "the setting's last value")
        try await scenario.ledger.change(.putSetting(name: name, value: nil))
        try expect(try await scenario.ledger.setting(name) == nil, "a removed setting is gone")
        for value in ["first", "second"] {
            let isCreated =
                try await scenario.ledger
                .change(.createSetting(name: name, value: value)) != nil
            try expectEqual(isCreated, value == "first", "a setting is created once")
        }
        try expectEqual(try await scenario.ledger.setting(name), "first", "and stays")
    }

    private static func revisionsGrow(_ scenario: Scenario) async throws {
        var scenario = scenario
        var last: Int64 = 0
        for round in 0..<3 {
            let commands: [LedgerCommand] = [
                .createTenant(
                    Tenant(id: TenantID(trusted: "t\(round)"), createdAt: scenario.clock.now)),
                .putPlan(Plan.builtIn[round]),
                .createMeter(
                    Meter(
                        id: MeterID(trusted: "m\(round)"), kind: .counter, recording: .event)),
            ]
            for command in commands {
                let revision = try await scenario.ledger.change(command) ?? -1
                try expect(
                    revision > last, "a change has a higher revision than any before",
                    saw: "\(revision) after \(last)")
                last = revision
            }
            try await scenario.reopen()
        }
        try expectEqual(
            try await scenario.ledger.tenant(TenantID(trusted: "t2")).map { $0.revision < last },
            true, "a tenant keeps the revision of its own change")
    }

    private static func statistics(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.ledger.change(
            .createTenant(Tenant(id: subject.tenant, createdAt: scenario.clock.now)))
        let first = try await scenario.reserve(subject, 1)
        _ = try await scenario.reserve(subject, 1)
        _ = try await scenario.reserve(subject, 1, Hold(ttlSeconds: 3_600))
        try await scenario.settle(first, 1)
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        let figures = try await scenario.ledger.statistics()
        try expectEqual(figures.tenants, 1, "tenants")
        try expectEqual(figures.openReservations, 1, "open reservations")
        try expectEqual(figures.suspectGrants, 1, "suspect grants")
    }
}
