import QuotaEngine
import QuotaLedger
import QuotaModel

// Several commands in one transaction; a store may join the batches of many callers.
extension LedgerCheck {
    static let batches = [
        LedgerCheck("a batch answers in order and each command sees those before it", inOrder),
        LedgerCheck("a period closes once in a batch that sweeps and uses", sweepAndUse),
        LedgerCheck("a period closes once in a batch that settles and uses", settleAndUse),
        LedgerCheck("a settlement in the batch that closes its period adjusts", sweepAndSettle),
        LedgerCheck("a boundary is crossed once in a batch", crossesOnce),
        LedgerCheck("a hold can be made and ended in one batch", holdAndEnd),
        LedgerCheck("commands give the same one by one and in a batch", sameInBatch),
    ]

    private static func inOrder(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(9, per: .minute))
        let claim = IdempotencyClaim(
            key: ExactString("k"), fingerprint: [1], windowNanoseconds: 1_000_000_000
        ) { _ in StoredAnswer(status: 200, headers: [:], body: [1]) }
        let tenant = Tenant(id: subject.tenant, createdAt: scenario.clock.now)
        let answers = try await scenario.ledger.commit([
            .createTenant(tenant),
            .admit(scenario.command(subject, [Subject.tokens: 4])),
            .admit(scenario.command(subject, [Subject.tokens: 3], claim: claim)),
            .admit(scenario.command(subject, [Subject.tokens: 3], claim: claim)),
            .admit(scenario.command(subject, [Subject.tokens: 3])),
            .view(
                ViewCommand(
                    tenant: subject.tenant, demands: subject.looks, calendar: subject.calendar)),
            .createTenant(tenant),
        ])
        try expectEqual(answers.count, 7, "answers")
        let kinds = answers.map { answer in
            switch answer {
            case .admitted(.decided(let outcome, _)): outcome.isAdmitted ? "admitted" : "refused"
            case .admitted(.replayed): "replayed"
            case .viewed: "viewed"
            case .changed: "changed"
            case .alreadyExists: "taken"
            default: "\(answer)"
            }
        }
        try expectEqual(
            kinds,
            ["changed", "admitted", "admitted", "replayed", "refused", "viewed", "taken"],
            "the answers in order")
        guard case .viewed(let view) = answers[5],
            case .account(let account, _)? = view.states.first
        else { return }
        try expectEqual(
            Balances(account), Balances(posted: 7, available: 3), "what the batch saw")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 7, available: 3),
            "what was committed")
        let nothing = try await scenario.ledger.commit([])
        try expect(nothing.isEmpty, "nothing asked, nothing answered")
    }

    private static func yesterday(_ scenario: Scenario, _ tenant: String) async throws -> Subject {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject(tenant, .tokens(100, per: .day))
        try await scenario.consume(subject, 7)
        return subject
    }

    private static func check(
        _ scenario: Scenario,
        _ subject: Subject,
        day: Balances,
        today: Balances,
        line: UInt = #line
    ) async throws {
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject, line: line).record.account), day,
            "yesterday", line: line)
        try expectEqual(try await scenario.balances(subject), today, "today", line: line)
        try expectEqual(
            try await scenario.ledger.accounts(of: subject.tenant).count, 1, "open accounts",
            line: line)
    }

    private static func sweepAndUse(_ scenario: Scenario) async throws {
        for isSweptFirst in [true, false] {
            let subject = try await yesterday(scenario, "first-\(isSweptFirst)")
            try scenario.setClock("2026-11-22T00:00:01Z")
            let use = LedgerCommand.admit(scenario.command(subject, [Subject.tokens: 5]))
            let sweep = LedgerCommand.sweep(scenario.sweepCommand())
            _ = try await scenario.ledger.commit(isSweptFirst ? [sweep, use] : [use, sweep])
            try await check(
                scenario, subject, day: Balances(posted: 7, available: 93),
                today: Balances(posted: 5, available: 95))
        }
    }

    private static func settleAndUse(_ scenario: Scenario) async throws {
        let subject = try await yesterday(scenario, "acme")
        let reservation = try await scenario.reserve(subject, 10)
        try scenario.setClock("2026-11-22T00:00:01Z")
        let charges = [Charge(meter: Subject.tokens, amount: 6)]
        _ = try await scenario.ledger.commit([
            .conclude(scenario.conclusion(reservation, .settle(charges))),
            .admit(scenario.command(subject, [Subject.tokens: 5])),
            .admit(scenario.command(subject, [Subject.tokens: 5])),
        ])
        try await check(
            scenario, subject, day: Balances(posted: 13, available: 87),
            today: Balances(posted: 10, available: 90))
    }

    private static func sweepAndSettle(_ scenario: Scenario) async throws {
        for isUsed in [true, false] {
            let subject = try await yesterday(scenario, "used-\(isUsed)")
            let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
            try scenario.setClock("2026-11-22T00:15:00Z")
            if isUsed { try await scenario.consume(subject, 1) }
            let charges = [Charge(meter: Subject.tokens, amount: 6)]
            _ = try await scenario.ledger.commit([
                .sweep(scenario.sweepCommand()),
                .conclude(scenario.conclusion(reservation, .settle(charges))),
            ])
            if !isUsed { try await scenario.consume(subject, 1) }
            try await check(
                scenario, subject, day: Balances(posted: 7, suspect: 10, available: 83),
                today: Balances(posted: 7, available: 93))
        }
    }

    private static func crossesOnce(_ scenario: Scenario) async throws {
        let subject = try await yesterday(scenario, "acme")
        try scenario.setClock("2026-11-22T00:00:01Z")
        let commands = (0..<4)
            .map { _ in
                LedgerCommand.admit(scenario.command(subject, [Subject.tokens: 30]))
            }
        _ = try await scenario.ledger.commit(commands)
        try await check(
            scenario, subject, day: Balances(posted: 7, available: 93),
            today: Balances(posted: 90, available: 10))
    }

    private static func holdAndEnd(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .day), .tokens(200, per: .month))
        let command = scenario.command(subject, [Subject.tokens: 30], hold: Hold())
        guard let id = command.hold?.id else { return }
        let charges = [Charge(meter: Subject.tokens, amount: 20)]
        let end = ConcludeCommand(
            reservation: id, tenant: subject.tenant, event: .settle(charges),
        )
        let answers = try await scenario.ledger.commit([
            .admit(command), .conclude(end), .conclude(end),
        ])
        guard case .concluded(.done(let ended)) = answers[1],
            case .concluded(.done(let again)) = answers[2]
        else {
            throw ConformanceFailure(
                promise: "a hold is seen within its batch", seen: "\(answers)", line: #line)
        }
        try expectEqual(ended, again, "the repeated answer")
        try expectEqual(
            try await scenario.accounts(subject).map(Balances.init),
            [Balances(posted: 20, available: 80), Balances(posted: 20, available: 180)],
            "the balances")
        try expectEqual(try await scenario.ledger.reservation(id), ended, "the reservation")
    }

    private static func sameInBatch(_ scenario: Scenario) async throws {
        let amounts: [Int64] = [5, 60, 50, 1, 34, 1, 2]
        let single = Subject("single", .tokens(100, per: .day), .tokens(nil, per: .month))
        let joined = Subject("joined", .tokens(100, per: .day), .tokens(nil, per: .month))
        var verdicts: [Bool] = []
        for amount in amounts { verdicts.append(try await scenario.consume(single, amount)) }
        let answers = try await scenario.ledger.commit(
            amounts.map { .admit(scenario.command(joined, [Subject.tokens: $0])) })
        let together = answers.map { answer in
            if case .admitted(.decided(let outcome, _)) = answer { return outcome.isAdmitted }
            return false
        }
        try expectEqual(together, verdicts, "what was admitted")
        let left = try await scenario.accounts(single).map(Balances.init)
        try expectEqual(try await scenario.accounts(joined).map(Balances.init), left, "balances")
    }
}
