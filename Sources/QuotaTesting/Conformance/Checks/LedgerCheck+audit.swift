import QuotaEngine
import QuotaLedger
import QuotaModel

// Who changed what, and why.
extension LedgerCheck {
    static let audit = [
        LedgerCheck("what was changed is noted as it was said", keepsNotes),
        LedgerCheck("what changed nothing is not noted", notesChangesOnly),
        LedgerCheck("corrections are noted once, however often they are asked", notesCorrections),
        LedgerCheck("notes are numbered from 1 without a gap", numbersNotes),
        LedgerCheck("notes are listed newest first, by tenant, action and subject", listsNotes),
        LedgerCheck("what is not written is not noted", notesWithTheirChange),
    ]

    private static func entries(_ scenario: Scenario) async throws -> [AuditEntry] {
        try await scenario.ledger.audit(AuditFilter(), before: nil, limit: 1_000)
    }

    /// The actions that were noted, oldest first.
    private static func actions(_ scenario: Scenario) async throws -> [String] {
        try await entries(scenario).reversed().map(\.note.action)
    }

    private static func tenant(_ id: String, _ scenario: Scenario) -> Tenant {
        Tenant(id: TenantID(trusted: id), createdAt: scenario.clock.now)
    }

    private static func keepsNotes(_ scenario: Scenario) async throws {
        var scenario = scenario
        let notes = [
            AuditNote(
                actor: "key k_\u{E9}", action: "tenant.create", subject: "a/\u{201C}b\u{201D}",
                tenant: TenantID(trusted: "a"), reason: "'; DROP TABLE audit; --",
                details: "{\"a\":\"\\n\"}"),
            AuditNote(action: "meter.put", subject: ""),
        ]
        var expected: [AuditEntry] = []
        for (index, note) in notes.enumerated() {
            scenario.clock.advance(nanoseconds: 1)
            let command = LedgerCommand.createTenant(tenant("t\(index)", scenario))
            _ = try await scenario.run(.audited(command, note))
            expected.insert(
                AuditEntry(number: Int64(index) + 1, at: scenario.clock.now, note: note), at: 0)
            try await scenario.reopen()
            try expectEqual(try await entries(scenario), expected, "the notes")
        }
    }

    private static func notesChangesOnly(_ scenario: Scenario) async throws {
        let acme = tenant("acme", scenario)
        let unknown = tenant("unknown", scenario)
        let key = KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: "k"), tenant: acme.id, name: "", createdAt: .distantPast),
            credential: KeyCredential(publicID: "p", digest: [1], pepperVersion: 1))
        let override = LimitOverride(
            id: LimitOverride.ID(tenant: acme.id, meter: Subject.tokens, window: .day),
            quantity: 1, createdAt: .distantPast)
        let organization = OrganizationID(trusted: "org")
        let plan = Plan(id: PlanID(trusted: "p"), name: "", weight: 1, limits: [])
        let meter = Meter(id: MeterID(trusted: "m"), kind: .counter, recording: .event)
        let other = Meter(id: meter.id, kind: .allocation, recording: .event)
        let steps: [(command: LedgerCommand, word: String)] = [
            (.createTenant(acme), "changed"), (.createTenant(acme), "already exists"),
            (.updateTenant(acme), "stale"), (.updateTenant(unknown), "not found"),
            (.createKey(key), "changed"), (.createKey(key), "already exists"),
            (.updateKey(key), "stale"), (.putOverride(override), "changed"),
            (.deleteOverride(override.id), "changed"),
            (.deleteOverride(override.id), "not found"),
            (.deleteOrganization(organization), "not found"),
            (
                .putOrganization(Organization(id: organization, createdAt: .distantPast)),
                "changed"
            ),
            (.deleteOrganization(organization), "changed"), (.deletePlan(plan.id), "not found"),
            (.putPlan(plan), "changed"), (.deletePlan(plan.id), "changed"),
            (.updateMeter(meter), "not found"), (.createMeter(meter), "changed"),
            (.createMeter(meter), "already exists"), (.updateMeter(other), "stale"),
            (.updateMeter(meter), "changed"),
        ]
        var expected: [String] = []
        for (index, step) in steps.enumerated() {
            let note = AuditNote(action: "step \(index)", subject: "s")
            let word = try await scenario.run(.audited(step.command, note)).word
            try expectEqual(word, step.word, "the answer to \(step.command)")
            if word == "changed" { expected.append(note.action) }
            try expectEqual(try await actions(scenario), expected, "after step \(index)")
        }
    }

    private static func notesCorrections(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let unused = Subject("unused", .tokens(100, per: .month))
        let rate = Subject("rate", .tokens(100, per: .minute))
        try await scenario.consume(subject, 10)
        _ = try await scenario.reserve(subject, 5)
        scenario.clock.advance(by: .seconds(60))
        try await scenario.sweep()
        let suspect = try await scenario.ledger.suspectGrants(of: nil, after: nil, limit: 1)
        let grant = suspect[0].grant.id
        let unknown = GrantID(holder: "nobody", incarnation: 1, sequence: 1)
        let use = scenario.importing(
            subject, .aiTokens, 5, on: scenario.clock.now.date, id: "a.import.i_1")
        let steps: [(command: LedgerCommand, isNoted: Bool)] = [
            (.resolve(ResolveCommand(grant: unknown, used: 1)), false),
            (.resolve(ResolveCommand(grant: grant, used: -1)), false),
            (.resolve(ResolveCommand(grant: grant, used: 1)), true),
            (.resolve(ResolveCommand(grant: grant, used: 1)), false),
            (.adjust(scenario.adjustment(subject, -100, id: "a_1")), false),
            (.adjust(scenario.adjustment(subject, 5, id: "a_1")), true),
            (.adjust(scenario.adjustment(subject, 5, id: "a_1")), false),
            (.adjust(scenario.adjustment(subject, 6, id: "a_1")), false),
            (.importUsage(use), true), (.importUsage(use), false),
            (.reset(scenario.resetCommand(subject)), true),
            (.reset(scenario.resetCommand(subject)), false),
            (.reset(scenario.resetCommand(unused)), false),
            (.reset(scenario.resetCommand(rate)), true),
        ]
        var expected: [String] = []
        for (index, step) in steps.enumerated() {
            let note = AuditNote(action: "step \(index)", subject: "s")
            _ = try await scenario.run(.audited(step.command, note))
            if step.isNoted { expected.append(note.action) }
            try expectEqual(try await actions(scenario), expected, "after step \(index)")
        }
        try await scenario.expectSound()
    }

    private static func numbersNotes(_ scenario: Scenario) async throws {
        var scenario = scenario
        for round in 0..<4 {
            let commands = (0..<3)
                .map { index in
                    LedgerCommand.audited(
                        .createTenant(tenant("t\(round / 2).\(index)", scenario)),
                        AuditNote(action: "tenant.create", subject: "\(round)"))
                }
            _ = try await scenario.ledger.commit(commands)
            try await scenario.reopen()
        }
        try await withThrowingTaskGroup(of: Void.self) { [scenario] group in
            for task in 0..<8 {
                group.addTask {
                    let command = LedgerCommand.createTenant(tenant("u\(task)", scenario))
                    let note = AuditNote(action: "tenant.create", subject: "u\(task)")
                    _ = try await scenario.run(.audited(command, note))
                }
            }
            try await group.waitForAll()
        }
        let all = try await entries(scenario)
        // Rounds 1 and 3 found their tenants there.
        try expectEqual(
            all.map(\.number), Array((1...14).reversed()), "the numbers, newest first")
        try expectEqual(
            Set(all.map(\.note.subject)).count, 10, "each change is noted")
    }

    private static func listsNotes(_ scenario: Scenario) async throws {
        let ledger = scenario.ledger
        let tenants = [TenantID(trusted: "a"), TenantID(trusted: "A"), nil]
        let actions = ["override.put", "override.delete"]
        var all: [AuditEntry] = []
        for index in 0..<24 {
            let note = AuditNote(
                action: actions[index % 2], subject: ["x", "X", "\u{E9}", "e\u{301}"][index / 6],
                tenant: tenants[index % 3], reason: "\(index)")
            // Ties on the same instant: the number decides.
            if index % 4 == 0 { scenario.clock.advance(by: .seconds(1)) }
            _ = try await scenario.run(.audited(.putSetting(name: "n", value: "\(index)"), note))
            all.insert(
                AuditEntry(number: Int64(index) + 1, at: scenario.clock.now, note: note), at: 0)
        }
        let filters = [
            AuditFilter(), AuditFilter(tenant: tenants[0]), AuditFilter(action: actions[1]),
            AuditFilter(subject: "X"), AuditFilter(subject: "\u{E9}"),
            AuditFilter(tenant: tenants[1], action: actions[0], subject: "x"),
            AuditFilter(tenant: TenantID(trusted: "nobody")), AuditFilter(action: "override"),
        ]
        for filter in filters {
            let expected = all.filter { entry in
                let note = entry.note
                return (filter.tenant == nil || note.tenant == filter.tenant)
                    && (filter.action == nil || note.action == filter.action)
                    && (filter.subject == nil
                        || Array(note.subject.utf8) == filter.subject.map { Array($0.utf8) })
            }
            try await expectPages(expected, "notes of \(filter)") { after, limit in
                try await ledger.audit(filter, before: after?.number, limit: limit)
            }
        }
    }

    private static func notesWithTheirChange(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let decided = scenario.command(subject, [Subject.tokens: 1], decision: "d_once")
        _ = try await scenario.ledger.commit([.admit(decided)])
        let note = AuditNote(action: "tenant.create", subject: "t")
        let commands: [LedgerCommand] = [
            .audited(.createTenant(tenant("t", scenario)), note), .admit(decided),
        ]
        do {
            _ = try await scenario.ledger.commit(commands)
            try expect(false, "one decision can't be booked twice")
        } catch let error as LedgerError {
            try expectEqual(error.code, .invariant, "why nothing was written")
        }
        try expect(
            try await scenario.ledger.tenant(TenantID(trusted: "t")) == nil, "no tenant")
        try expect(try await entries(scenario).isEmpty, "and no note of one")
        _ = try await scenario.run(commands[0])
        try expectEqual(try await entries(scenario).map(\.number), [1], "the first note")
        try await scenario.expectSound()
    }
}
