import QuotaEngine
import QuotaLedger
import QuotaModel

// Changes to what exists: tenants, keys, meters, plans.
extension LedgerCheck {
    static let changes = [
        LedgerCheck("a tenant is changed by who read it last", changesTenants),
        LedgerCheck("a key is changed by who read it last", changesKeys),
        LedgerCheck("of many who change one form exactly one does", manyChange),
        LedgerCheck("a rotated key keeps its old secret until it is told to drop it", rotates),
        LedgerCheck("service keys are of no tenant and listed apart", serviceKeys),
        LedgerCheck("when a key was last used only grows, and is no change", touches),
        LedgerCheck("a change to a key does not forget when it was used", keepsLastUse),
        LedgerCheck("how a meter is recorded can be changed, what it is can't", changesMeters),
        LedgerCheck("a deleted plan is gone, and who is on it is known", deletesPlans),
    ]

    private static func tenant(_ id: String, _ scenario: Scenario) async throws -> Tenant {
        var tenant = Tenant(id: TenantID(trusted: id), createdAt: scenario.clock.now)
        tenant.revision = try await scenario.ledger.change(.createTenant(tenant)) ?? -1
        return tenant
    }

    private static func key(
        _ id: String,
        of tenant: TenantID?,
        _ scenario: Scenario
    ) async throws -> KeyRecord {
        var record = KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: id), tenant: tenant, name: "prod",
                createdAt: scenario.clock.now),
            credential: KeyCredential(
                publicID: "public-\(id)", digest: Array(0..<32), pepperVersion: 7))
        record.key.revision = try await scenario.ledger.change(.createKey(record)) ?? -1
        return record
    }

    /// Runs a change that must be done and answers its revision.
    private static func revision(
        _ scenario: Scenario,
        _ command: LedgerCommand,
        line: UInt = #line
    ) async throws -> Int64 {
        let answer = try await scenario.run(command)
        guard case .changed(let revision) = answer else {
            throw ConformanceFailure(
                promise: "a change is done", seen: answer.word, line: line)
        }
        return revision
    }

    private static func changesTenants(_ scenario: Scenario) async throws {
        var scenario = scenario
        let read = try await tenant("acme", scenario)
        var changed = read
        changed.name = "ACME \u{201C}Ltd\u{201D}"
        changed.setPlan(
            PlanID(trusted: "starter"), since: scenario.clock.now, now: scenario.clock.now)
        changed.organization = "org"
        changed.timeZone = "Africa/Lagos"
        changed.billingAnchor = LocalDateTime("2026-01-31T09:30")
        changed.billingInterval = .year
        changed.status = .suspended
        changed.currency = "NGN"
        let last = try await revision(scenario, .updateTenant(changed))
        try expect(last > read.revision, "the revision grows", saw: "\(last)")
        let sent = changed
        changed.revision = last
        try await scenario.reopen()
        try expectEqual(try await scenario.ledger.tenant(read.id), changed, "the new form")
        try expectEqual(try await scenario.run(.updateTenant(sent)).word, "stale", "the old one")
        var ahead = changed
        ahead.revision += 1
        try expectEqual(try await scenario.run(.updateTenant(ahead)).word, "stale", "a guess")
        let unknown = Tenant(id: TenantID(trusted: "zeta"), createdAt: scenario.clock.now)
        try expectEqual(
            try await scenario.run(.updateTenant(unknown)).word, "not found", "an unknown tenant")
        try expectEqual(try await scenario.ledger.tenant(read.id), changed, "the form stays")
        try expect(try await scenario.ledger.tenant(unknown.id) == nil, "none is created")
        // Within a batch, the first change makes the second stale.
        let words = try await scenario.ledger
            .commit([.updateTenant(changed), .updateTenant(changed)]).map(\.word)
        try expectEqual(words, ["changed", "stale"], "two in a batch")
    }

    private static func changesKeys(_ scenario: Scenario) async throws {
        var scenario = scenario
        let acme = try await tenant("acme", scenario)
        let read = try await key("k1", of: acme.id, scenario)
        var changed = read
        changed.key.name = "old"
        changed.key.status = .revoked
        changed.key.expiresAt = scenario.clock.now
        changed.key.limits = [.tokens(5, per: .minute, scope: .key(nil)), .calls(3, per: .day)]
        changed.key.revision = try await revision(scenario, .updateKey(changed))
        try expect(changed.key.revision > read.key.revision, "the revision grows")
        try await scenario.reopen()
        try expectEqual(try await scenario.ledger.key(read.key.id), changed, "the new form")
        try expectEqual(try await scenario.run(.updateKey(read)).word, "stale", "the old one")
        try expectEqual(try await scenario.ledger.key(read.key.id), changed, "the form stays")
        changed.key.limits = []
        changed.key.expiresAt = nil
        changed.key.revision = try await revision(scenario, .updateKey(changed))
        try expectEqual(try await scenario.ledger.key(read.key.id), changed, "without limits")
        let unknown = KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: "k2"), tenant: acme.id, name: "",
                createdAt: scenario.clock.now),
            credential: read.credential)
        try expectEqual(
            try await scenario.run(.updateKey(unknown)).word, "not found", "an unknown key")
    }

    private static func manyChange(_ scenario: Scenario) async throws {
        let read = try await tenant("acme", scenario)
        let changed = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<16 {
                group.addTask {
                    var form = read
                    form.name = "name \(task)"
                    let word = try await scenario.run(.updateTenant(form)).word
                    try expect(["changed", "stale"].contains(word), "an answer", saw: word)
                    return word == "changed" ? 1 : 0
                }
            }
            return try await group.reduce(0, +)
        }
        try expectEqual(changed, 1, "of 16 who read the same")
    }

    private static func rotates(_ scenario: Scenario) async throws {
        var scenario = scenario
        let acme = try await tenant("acme", scenario)
        var record = try await key("k1", of: acme.id, scenario)
        let end = scenario.clock.now.adding(nanoseconds: 3_600_000_000_001)
        record.credential = KeyCredential(
            publicID: record.credential.publicID, digest: Array(32..<64), pepperVersion: 8,
            previous: KeyCredential.Previous(
                digest: record.credential.digest, pepperVersion: 7, expiresAt: end))
        record.key.previousSecretExpiresAt = end
        record.key.revision = try await revision(scenario, .updateKey(record))
        try await scenario.reopen()
        try expectEqual(
            try await scenario.ledger.key(publicID: "public-k1"), record, "both secrets")
        // A change of anything else keeps them.
        record.key.name = "renamed"
        record.key.revision = try await revision(scenario, .updateKey(record))
        try expectEqual(try await scenario.ledger.key(record.key.id), record, "after a change")
        record.credential = KeyCredential(
            publicID: "public-new", digest: Array(64..<96), pepperVersion: 8)
        record.key.previousSecretExpiresAt = nil
        record.key.revision = try await revision(scenario, .updateKey(record))
        try await scenario.reopen()
        try expectEqual(
            try await scenario.ledger.key(publicID: "public-new"), record, "the last secret")
        try expect(
            try await scenario.ledger.key(publicID: "public-k1") == nil, "the old one finds none")
    }

    private static func serviceKeys(_ scenario: Scenario) async throws {
        var scenario = scenario
        let acme = try await tenant("acme", scenario)
        for id in ["k2", "k1", "k3"] { _ = try await key(id, of: acme.id, scenario) }
        for id in ["s2", "s1", "s3"] { _ = try await key(id, of: nil, scenario) }
        try await scenario.reopen()
        let ledger = scenario.ledger
        let lists: [(owner: KeyOwner, ids: [String])] = [
            (.service, ["s1", "s2", "s3"]), (.tenants, ["k1", "k2", "k3"]),
            (.tenant(acme.id), ["k1", "k2", "k3"]), (.tenant(TenantID(trusted: "")), []),
        ]
        for list in lists {
            try await expectPages(list.ids, "the keys of \(list.owner)") { after, limit in
                try await ledger.keys(
                    of: list.owner, after: after.map { APIKeyID(trusted: $0) }, limit: limit
                )
                .map(\.key.id.text)
            }
        }
        let found = try await ledger.key(publicID: "public-s1")
        try expectEqual(found?.key.id.text, "s1", "a service key by its public id")
        try expect(found?.key.tenant == nil, "it is of no tenant")
    }

    private static func touches(_ scenario: Scenario) async throws {
        var scenario = scenario
        let acme = try await tenant("acme", scenario)
        let first = try await key("k1", of: acme.id, scenario)
        let second = try await key("k2", of: acme.id, scenario)
        try expect(first.key.lastUsedAt == nil, "a new key was never used")
        let now = scenario.clock.now
        let unknown = APIKeyID(trusted: "unknown")
        for seconds in [0, 5, 3] as [Int64] {
            let use = now.adding(nanoseconds: seconds * 1_000_000_000)
            _ = try await scenario.run(.touchKeys([first.key.id: use, unknown: use]))
        }
        try await scenario.reopen()
        var used = first
        used.key.lastUsedAt = now.adding(nanoseconds: 5_000_000_000)
        try expectEqual(
            try await scenario.ledger.key(first.key.id), used, "the last use, and nothing else")
        try expectEqual(try await scenario.ledger.key(second.key.id), second, "the other key")
        try expect(try await scenario.ledger.key(unknown) == nil, "no key is created")
    }

    private static func keepsLastUse(_ scenario: Scenario) async throws {
        let acme = try await tenant("acme", scenario)
        var record = try await key("k1", of: acme.id, scenario)
        let use = scenario.clock.now
        _ = try await scenario.run(.touchKeys([record.key.id: use]))
        // This form was read before the use was noted.
        record.key.name = "renamed"
        _ = try await revision(scenario, .updateKey(record))
        let kept = try await scenario.ledger.key(record.key.id)
        try expectEqual(kept?.key.name, "renamed", "the change")
        try expectEqual(kept?.key.lastUsedAt, use, "the last use")
    }

    private static func changesMeters(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .calls(100, per: .month))
        let before = try await scenario.reserve(subject, [Subject.calls: 1])
        try await scenario.conclude(before, .settle([]))
        let detailed = Meter(id: Subject.calls, kind: .counter, recording: .event)
        // With a note: whoever verifies the ledger has to know since when each use has an event.
        let note = AuditNote(action: "meter.update", subject: detailed.id.text)
        _ = try await revision(scenario, .audited(.updateMeter(detailed), note))
        try await scenario.reopen()
        let meters = try await scenario.ledger.meters()
        try expect(meters.contains(detailed), "the new form", saw: "\(meters)")
        try expectEqual(meters.count, Meter.builtIn.count, "the number of meters")
        let after = try await scenario.reserve(subject, [Subject.calls: 2])
        try await scenario.conclude(after, .settle([]))
        try expectEqual(
            try await scenario.events(subject).map(\.units), [2], "then it is kept by event")
        let other = Meter(id: Subject.calls, kind: .allocation, recording: .event)
        try expectEqual(try await scenario.run(.updateMeter(other)).word, "stale", "another kind")
        let unknown = Meter(id: MeterID(trusted: "x"), kind: .counter, recording: .event)
        try expectEqual(
            try await scenario.run(.updateMeter(unknown)).word, "not found", "an unknown meter")
        try expectEqual(try await scenario.ledger.meters(), meters, "the meters stay")
    }

    private static func deletesPlans(_ scenario: Scenario) async throws {
        var scenario = scenario
        let plan = Plan(
            id: PlanID(trusted: "team"), name: "Team", weight: 3,
            limits: [.tokens(5, per: .month), .calls(7, per: .day)])
        try await scenario.ledger.change(.putPlan(plan))
        var acme = try await tenant("acme", scenario)
        let ledger = scenario.ledger
        try expect(
            try await ledger.hasTenants(on: plan.id, from: scenario.clock.now) == false,
            "nobody is on it")
        acme.setPlan(plan.id, since: scenario.clock.now, now: scenario.clock.now)
        acme.revision = try await revision(scenario, .updateTenant(acme))
        try expect(
            try await ledger.hasTenants(on: plan.id, from: scenario.clock.now), "somebody is on it")
        let part = PlanID(trusted: "tea")
        try expect(
            try await ledger.hasTenants(on: part, from: scenario.clock.now) == false,
            "nobody on a part of its id")
        acme.setPlan(.fallback, since: scenario.clock.now, now: scenario.clock.now)
        _ = try await revision(scenario, .updateTenant(acme))
        try expect(
            try await ledger.hasTenants(on: plan.id, from: scenario.clock.now) == false,
            "nobody any more")
        _ = try await revision(scenario, .deletePlan(plan.id))
        try await scenario.reopen()
        try expectEqual(
            try await scenario.ledger.plans().map(\.id), Plan.builtIn.map(\.id), "the plans")
        try expectEqual(
            try await scenario.run(.deletePlan(plan.id)).word, "not found", "a plan that is gone")
        // A plan of the same id is a new one.
        try await scenario.ledger.change(
            .putPlan(Plan(id: plan.id, name: "New", weight: 3, limits: [])))
        let again = try await scenario.ledger.plans().first { $0.id == plan.id }
        try expectEqual(again?.limits, [], "it has none of the old limits")
    }
}
