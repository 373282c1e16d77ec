import QuotaLedger
import QuotaModel

// Organizations and overrides as they are kept.
extension LedgerCheck {
    static let organizations = [
        LedgerCheck("an organization comes back as it was put, until it is deleted", keepsForms),
        LedgerCheck("organizations and their tenants are listed by id", listsMembers),
        LedgerCheck("an override comes back as it was put, until it is deleted", keepsOverrides),
        LedgerCheck("an override makes its tenant newer", overrideRenews),
        LedgerCheck("overrides are listed by tenant, meter and window", listsOverrides),
    ]

    private static func keepsForms(_ scenario: Scenario) async throws {
        var scenario = scenario
        let full = Organization(
            id: OrganizationID(trusted: "org/\u{E9}"), name: "Konzern \u{201C}A\u{201D}",
            limits: [
                .tokens(100, per: .month, scope: .organization),
                Limit(
                    meter: Subject.calls, scope: .organization, window: .minute, quantity: nil,
                    burst: 9, softPercent: 1, warns: false, mode: .shadow, onUnavailable: .allow),
                .seats(5, scope: .organization),
            ], timeZone: "Africa/Lagos", billingAnchor: LocalDateTime("2026-01-31T09:30"),
            billingInterval: .year, createdAt: scenario.clock.now.adding(nanoseconds: 1))
        let plain = Organization(
            id: OrganizationID(trusted: "plain"), createdAt: scenario.clock.now)
        var last: Int64 = 0
        for var form in [full, plain, Organization(id: full.id, createdAt: full.createdAt), full] {
            guard case .changed(let revision) = try await scenario.run(.putOrganization(form))
            else { return try expect(false, "an organization is put") }
            try expect(revision > last, "its revision is new", saw: "\(revision)")
            (form.revision, last) = (revision, revision)
            try await scenario.reopen()
            try expectEqual(
                try await scenario.ledger.organization(form.id), form, "the organization")
        }
        let word = try await scenario.run(.deleteOrganization(full.id)).word
        try expectEqual(word, "changed", "it is deleted")
        try expectEqual(
            try await scenario.run(.deleteOrganization(full.id)).word, "not found", "once")
        try await scenario.reopen()
        try expect(try await scenario.ledger.organization(full.id) == nil, "then it is gone")
        _ = try await scenario.run(
            .putOrganization(Organization(id: full.id, createdAt: full.createdAt)))
        try expectEqual(
            try await scenario.ledger.organization(full.id)?.limits, [], "with its limits")
        try expect(
            try await scenario.ledger.organization(OrganizationID(trusted: "org")) == nil,
            "there is none for a part of an id")
    }

    private static func listsMembers(_ scenario: Scenario) async throws {
        let ledger = scenario.ledger
        let names = ["b", "B", "\u{E9}", "e\u{301}", "a", "10", "9"]
        for name in names {
            let organization = Organization(
                id: OrganizationID(trusted: name),
                limits: [.tokens(Int64(name.utf8.count), per: .day, scope: .organization)],
                createdAt: scenario.clock.now)
            _ = try await scenario.run(.putOrganization(organization))
        }
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try await expectPages(sorted.map { Array($0.utf8) }, "organizations") { after, limit in
            let id = after.map { OrganizationID(trusted: String(decoding: $0, as: UTF8.self)) }
            let page = try await ledger.organizations(after: id, limit: limit)
            try expectEqual(
                page.map { $0.limits.map(\.quantity) },
                page.map { [Int64($0.id.text.utf8.count)] }, "each with its own limits")
            return page.map { Array($0.id.text.utf8) }
        }
        for index in 0..<7 {
            let tenant = Tenant(
                id: TenantID(trusted: "t\(index)"),
                organization: [nil, "b", "B"][index % 3], createdAt: scenario.clock.now)
            try await ledger.change(.createTenant(tenant))
        }
        let lists: [(organization: String?, tenants: [String])] = [
            (nil, (0..<7).map { "t\($0)" }), ("b", ["t1", "t4"]), ("B", ["t2", "t5"]), ("a", []),
        ]
        for list in lists {
            try await expectPages(
                list.tenants, "tenants of \(list.organization ?? "all")"
            ) { after, limit in
                try await ledger.tenants(
                    of: list.organization.map { OrganizationID(trusted: $0) },
                    after: after.map { TenantID(trusted: $0) }, limit: limit
                )
                .map(\.id.text)
            }
        }
        // A tenant that moves is listed where it is now.
        var moving = try await ledger.tenant(TenantID(trusted: "t1"))
        moving?.organization = "a"
        if let moving { _ = try await scenario.run(.updateTenant(moving)) }
        let found = try await ledger.tenants(
            of: OrganizationID(trusted: "a"), after: nil, limit: 9)
        try expectEqual(found.map(\.id.text), ["t1"], "its new organization")
        let left = try await ledger.tenants(
            of: OrganizationID(trusted: "b"), after: nil, limit: 9)
        try expectEqual(left.map(\.id.text), ["t4"], "its old one")
    }

    private static func override(
        _ tenant: String,
        _ meter: MeterID = Subject.tokens,
        _ window: Window = .month,
        _ quantity: Int64? = 5
    ) -> LimitOverride {
        LimitOverride(
            id: LimitOverride.ID(
                tenant: TenantID(trusted: tenant), meter: meter, window: window),
            quantity: quantity, createdAt: Timestamp(seconds: 1))
    }

    private static func createTenants(_ scenario: Scenario, _ ids: [String]) async throws {
        for id in ids {
            try await scenario.ledger.change(
                .createTenant(Tenant(id: TenantID(trusted: id), createdAt: scenario.clock.now)))
        }
    }

    private static func keepsOverrides(_ scenario: Scenario) async throws {
        var scenario = scenario
        try await createTenants(scenario, ["acme"])
        let id = override("acme").id
        let forms = [
            LimitOverride(
                id: id, quantity: nil, expiresAt: Timestamp(nanoseconds: 2),
                createdAt: Timestamp(nanoseconds: 3), reason: "a \u{201C}reason\u{201D}"),
            override("acme", Subject.tokens, .month, 0),
            override("acme", Subject.tokens, .month, Amount.maximum),
        ]
        for form in forms {
            try expectEqual(try await scenario.run(.putOverride(form)).word, "changed", "it is put")
            try await scenario.reopen()
            try expectEqual(
                try await scenario.ledger.overrides(of: id.tenant, after: nil, limit: 9), [form],
                "the override as it was put, be it expired")
        }
        try expectEqual(
            try await scenario.run(.putOverride(override("nobody"))).word, "not found",
            "one of an unknown tenant")
        try expectEqual(
            try await scenario.run(.deleteOverride(override("acme", Subject.calls).id)).word,
            "not found", "one that is not there")
        try expectEqual(
            try await scenario.run(.deleteOverride(id)).word, "changed", "it is deleted")
        try await scenario.reopen()
        let left = try await scenario.ledger.overrides(of: nil, after: nil, limit: 9)
        try expect(left.isEmpty, "then it is gone", saw: "\(left)")
        // Within a batch each sees what those before it did.
        let words = try await scenario.ledger
            .commit([
                .putOverride(forms[1]), .createOverride(forms[0]), .deleteOverride(id),
                .deleteOverride(id), .createOverride(forms[2]), .createOverride(forms[1]),
            ])
            .map(\.word)
        let expected = [
            "changed", "already exists", "changed", "not found", "changed", "already exists",
        ]
        try expectEqual(words, expected, "in a batch")
        try expectEqual(
            try await scenario.ledger.overrides(of: nil, after: nil, limit: 9), [forms[2]],
            "the last one")
    }

    private static func overrideRenews(_ scenario: Scenario) async throws {
        try await createTenants(scenario, ["acme", "other"])
        let ledger = scenario.ledger
        let form = override("acme")
        let other = try await ledger.tenant(TenantID(trusted: "other"))
        var last = try await ledger.tenant(form.id.tenant)?.revision ?? 0
        for command in [LedgerCommand.putOverride(form), .deleteOverride(form.id)] {
            guard case .changed(let revision) = try await scenario.run(command) else {
                return try expect(false, "an override is changed")
            }
            let tenant = try await ledger.tenant(form.id.tenant)
            try expect(revision > last, "the answer's revision grows", saw: "\(revision)")
            try expectEqual(tenant?.revision, revision, "it is the tenant's")
            last = revision
        }
        try expectEqual(
            try await ledger.tenant(TenantID(trusted: "other")), other, "the other tenant")
    }

    private static func listsOverrides(_ scenario: Scenario) async throws {
        let ledger = scenario.ledger
        try await createTenants(scenario, ["a", "A", "ab", "b"])
        let all = [
            override("A"), override("a", Subject.tokens, .day), override("a"),
            override("a", Subject.tokens, .year), override("a", Subject.calls, .month),
            override("a", Subject.calls, .day), override("ab", Subject.calls, .week),
            override("b", Subject.tokens, .lifetime),
        ]
        for form in all.reversed() { _ = try await scenario.run(.putOverride(form)) }
        let sorted = all.sorted { $0.id < $1.id }
        for tenant in [nil, "a", "ab", "c"] as [String?] {
            let expected = sorted.filter { tenant == nil || $0.id.tenant.text == tenant }
            try await expectPages(expected, "overrides of \(tenant ?? "all")") { after, limit in
                try await ledger.overrides(
                    of: tenant.map { TenantID(trusted: $0) }, after: after?.id, limit: limit)
            }
        }
    }
}
