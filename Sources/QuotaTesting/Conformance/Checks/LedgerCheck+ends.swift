import QuotaLedger
import QuotaModel

// What is told of trials and overrides that end.
extension LedgerCheck {
    static let ends = [
        LedgerCheck("what ends soon is told of, unless it changed", tellsEnds),
        LedgerCheck("an end that came while nobody was there to tell is told late", tellsLate),
        LedgerCheck("what was taken back and is set again is told of once", tellsOnce),
        LedgerCheck("an end is told once where both reminders are due at once", tellsBothOnce),
        LedgerCheck("a tenant that is closed is told of no end", tellsNobody),
    ]

    private static func tellsEnds(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        let now = scenario.clock.now
        var tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: now)
        tenant.beginTrial(
            of: PlanID(trusted: "starter"), until: try scenario.instant("2027-01-20T00:00:00Z"),
            now: now)
        _ = try await scenario.run(.createTenant(tenant))
        for (meter, end) in [(Subject.tokens, "15"), (Subject.calls, "16")] {
            let override = LimitOverride(
                id: LimitOverride.ID(tenant: tenant.id, meter: meter, window: .month), quantity: 1,
                expiresAt: try scenario.instant("2027-01-\(end)T00:00:00Z"), createdAt: now)
            _ = try await scenario.run(.putOverride(override))
            if meter == Subject.calls { _ = try await scenario.run(.deleteOverride(override.id)) }
        }
        try await scenario.sweep()
        try expectEqual(try await told(scenario), [], "told long before")
        try scenario.setClock("2027-01-14T00:00:00Z")
        for _ in 0..<2 { try await scenario.sweep() }
        try expectEqual(try await told(scenario), ["override.expiring"], "told a day before")
        try scenario.setClock("2027-01-17T00:00:00Z")
        for _ in 0..<2 { try await scenario.sweep() }
        try expectEqual(
            try await told(scenario), ["override.expiring", "trial.ending"],
            "told three days before")
        let last = try await scenario.ledger.notifications(NotificationPage(limit: 9)).last
        try expectEqual(last?.plan, PlanID(trusted: "starter"), "the plan of the trial")
        try expectEqual(
            last?.endsAt, try scenario.instant("2027-01-20T00:00:00Z"), "the end of the trial")
    }

    private static func tenant(
        _ scenario: Scenario,
        trialUntil end: String? = nil
    ) async throws -> Tenant {
        var tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: scenario.clock.now)
        if let end {
            tenant.beginTrial(
                of: PlanID(trusted: "starter"), until: try scenario.instant(end),
                now: scenario.clock.now)
        }
        _ = try await scenario.run(.createTenant(tenant))
        return tenant
    }

    /// Ends a tenant's trial now, and begins another one where there is an end of it.
    private static func change(
        _ scenario: Scenario,
        trialUntil end: String?
    ) async throws {
        guard var tenant = try await scenario.ledger.tenant(TenantID(trusted: "acme")) else {
            return try expect(false, "the tenant is there")
        }
        let now = scenario.clock.now
        tenant.setPlan(tenant.lastPlan, since: now, now: now)
        if let end {
            tenant.beginTrial(
                of: PlanID(trusted: "starter"), until: try scenario.instant(end), now: now)
        }
        try expectEqual(try await scenario.run(.updateTenant(tenant)).word, "changed", "a trial")
    }

    private static func put(_ scenario: Scenario, until end: String) async throws {
        let override = LimitOverride(
            id: LimitOverride.ID(
                tenant: TenantID(trusted: "acme"), meter: Subject.tokens, window: .month),
            quantity: 1, expiresAt: try scenario.instant(end), createdAt: scenario.clock.now)
        try expectEqual(
            try await scenario.run(.putOverride(override)).word, "changed", "an override")
    }

    private static func deleteOverride(_ scenario: Scenario) async throws {
        let id = LimitOverride.ID(
            tenant: TenantID(trusted: "acme"), meter: Subject.tokens, window: .month)
        _ = try await scenario.run(.deleteOverride(id))
    }

    private static func tellsLate(_ first: Scenario) async throws {
        var scenario = first
        try scenario.setClock("2027-01-10T00:00:00Z")
        _ = try await tenant(scenario, trialUntil: "2027-01-20T00:00:00Z")
        try await put(scenario, until: "2027-01-19T00:00:00Z")
        try await scenario.reopen()
        // A moment before the one ends, and long after the other did.
        try scenario.setClock("2027-01-19T23:59:59Z")
        for _ in 0..<2 { try await scenario.sweep() }
        try expectEqual(
            try await told(scenario).sorted(), ["override.expiring", "trial.ending"], "told late")
        try await change(scenario, trialUntil: "2027-03-20T00:00:00Z")
        try await put(scenario, until: "2027-03-10T00:00:00Z")
        try await scenario.reopen()
        try scenario.setClock("2027-04-01T00:00:00Z")
        for _ in 0..<2 { try await scenario.sweep() }
        let late = try await scenario.ledger.notifications(NotificationPage(after: 2, limit: 9))
        try expectEqual(
            late.map(\.kind.rawValue).sorted(), ["override.expiring", "trial.ending"],
            "told after the end")
        try expectEqual(
            Set(late.map(\.endsAt)),
            [
                try scenario.instant("2027-03-10T00:00:00Z"),
                try scenario.instant("2027-03-20T00:00:00Z"),
            ], "the ends")
        try expectEqual(Set(late.map(\.at)), [scenario.clock.now], "when it was told")
        try expectEqual(
            late.compactMap(\.plan), [PlanID(trusted: "starter")], "the plan that was tried")
        // What was given up in time has not ended then.
        try await change(scenario, trialUntil: "2027-05-20T00:00:00Z")
        try await change(scenario, trialUntil: nil)
        try await put(scenario, until: "2027-05-10T00:00:00Z")
        try await deleteOverride(scenario)
        try scenario.setClock("2027-06-01T00:00:00Z")
        try await scenario.sweep()
        try expectEqual(try await told(scenario).count, 4, "told of what was given up")
    }

    private static func tellsOnce(_ first: Scenario) async throws {
        var scenario = first
        try scenario.setClock("2027-01-10T00:00:00Z")
        let tenant = try await tenant(scenario)
        for day in 17...19 {
            try scenario.setClock("2027-01-\(day)T12:00:00Z")
            try await change(scenario, trialUntil: "2027-01-20T00:00:00Z")
            try await put(scenario, until: "2027-01-20T00:00:00Z")
            try await scenario.sweep()
            try await scenario.reopen()
            try await change(scenario, trialUntil: nil)
            try await deleteOverride(scenario)
            try await scenario.sweep()
        }
        try expectEqual(
            try await told(scenario).sorted(), ["override.expiring", "trial.ending"],
            "told of one end")
        try await change(scenario, trialUntil: "2027-01-20T00:00:01Z")
        try await put(scenario, until: "2027-01-20T00:00:01Z")
        for _ in 0..<2 { try await scenario.sweep() }
        let all = try await scenario.ledger.notifications(
            NotificationPage(tenant: tenant.id, limit: 9))
        try expectEqual(all.count, 4, "told of another end")
        try expectEqual(Set(all.map(\.id)).count, 4, "the ids")
    }

    private static func tellsNobody(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-10T00:00:00Z")
        for status in [Tenant.Status.closed, .suspended] {
            var tenant = Tenant(
                id: TenantID(trusted: status.rawValue), createdAt: scenario.clock.now)
            tenant.beginTrial(
                of: PlanID(trusted: "starter"),
                until: try scenario.instant("2027-01-20T00:00:00Z"), now: scenario.clock.now)
            _ = try await scenario.run(.createTenant(tenant))
            let override = LimitOverride(
                id: LimitOverride.ID(tenant: tenant.id, meter: Subject.tokens, window: .month),
                quantity: 1, expiresAt: try scenario.instant("2027-01-20T00:00:00Z"),
                createdAt: scenario.clock.now)
            _ = try await scenario.run(.putOverride(override))
            guard var stored = try await scenario.ledger.tenant(tenant.id) else {
                return try expect(false, "the tenant is there")
            }
            stored.status = status
            _ = try await scenario.run(.updateTenant(stored))
        }
        try scenario.setClock("2027-01-20T00:00:00Z")
        for _ in 0..<2 { try await scenario.sweep() }
        let told = try await scenario.ledger.notifications(NotificationPage(limit: 9))
        try expectEqual(
            told.map { $0.tenant?.text ?? "" }, ["suspended", "suspended"], "who was told")
    }

    private static func tellsBothOnce(_ scenario: Scenario) async throws {
        try scenario.setClock("2027-01-18T00:00:00Z")
        _ = try await tenant(scenario, trialUntil: "2027-01-20T00:00:00Z")
        scenario.clock.advance(by: .seconds(60))
        try await change(scenario, trialUntil: nil)
        scenario.clock.advance(by: .seconds(60))
        try await change(scenario, trialUntil: "2027-01-20T00:00:00Z")
        for _ in 0..<2 { try await scenario.sweep() }
        try expectEqual(try await told(scenario), ["trial.ending"], "told of one end")
    }
}
