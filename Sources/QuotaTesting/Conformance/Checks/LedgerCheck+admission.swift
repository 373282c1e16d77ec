import QuotaEngine
import QuotaLedger
import QuotaModel

// Taking units.
extension LedgerCheck {
    static let admission = [
        LedgerCheck("a charge is posted on every limit and the states are those after it", posts),
        LedgerCheck("a refusal charges nothing anywhere", refusalChargesNothing),
        LedgerCheck("all violated limits are named", namesViolations),
        LedgerCheck("a shadow limit counts and never refuses", shadowAdmits),
        LedgerCheck("without enforcement everything is admitted and counted", unenforced),
        LedgerCheck("one tenant's use does not touch another's", tenantsAreApart),
        LedgerCheck("limits of keys and models have accounts of their own", scopesAreApart),
        LedgerCheck("an unlimited budget is metered all the same", unlimitedIsMetered),
        LedgerCheck("a look changes nothing", looksChangeNothing),
        LedgerCheck("one posting for a decision's id, whatever is retried", postsOnce),
    ]

    private static func posts(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(100, per: .month), .tokens(50, per: .day), .calls(10, per: .year),
            .tokens(1_000, per: .minute), .tokens(500, per: .lifetime))
        let outcome = try await scenario.consume(
            subject, [Subject.tokens: 30, Subject.calls: 2])
        try expect(outcome.isAdmitted && outcome.violations.isEmpty, "what fits is admitted")
        try expectEqual(outcome.now, scenario.clock.now, "the transaction's time is the clock's")
        let states = outcome.states.map { state -> Int64 in
            switch state {
            case .account(let account, _): account.available
            case .bucket(let bucket): Int64(bucket.missing / 60_000_000_000)
            case .slots(let held): held
            }
        }
        try expectEqual(states, [70, 20, 8, 30, 470], "the states after the charge")
        let seen = try await scenario.view(subject)
        try expectEqual(seen.states, outcome.states, "a later look sees the same states")
        for account in try await scenario.accounts(subject) {
            try expect(account.isConserved, "accounts are conserved", saw: "\(account)")
        }
    }

    private static func refusalChargesNothing(_ scenario: Scenario) async throws {
        let tokens = Subject.tokens
        let subject = Subject(
            "acme", .tokens(100, per: .month), .tokens(10, per: .second),
            .calls(3, per: .day), .tokens(60, per: .day))
        try await scenario.consume(subject, [tokens: 5, Subject.calls: 1])
        let states = try await scenario.view(subject).states
        let batches = try await scenario.allBatches()
        let refused: [[MeterID: Int64]] = [
            [tokens: 6], [tokens: 1, Subject.calls: 3], [tokens: 5, Subject.calls: 3],
            [tokens: 96], [Subject.calls: 3, tokens: 56], [tokens: Amount.maximum],
        ]
        for amounts in refused {
            for hold in [nil, Hold()] {
                let outcome = try await scenario.outcome(
                    scenario.command(subject, amounts, hold: hold))
                try expect(!outcome.isAdmitted, "\(amounts) is refused")
                try expect(outcome.reservation == nil, "a refusal holds nothing")
                let asked = zip(subject.limits, states).filter { amounts[$0.0.limit.meter] != nil }
                try expectEqual(
                    outcome.states, asked.map(\.1), "the states that a refusal names")
                try expectEqual(
                    try await scenario.view(subject).states, states, "the states after a refusal")
            }
        }
        try expectEqual(try await scenario.allBatches(), batches, "entries after refusals")
        let events = try await scenario.events(subject)
        try expectEqual(events.count, 1, "events after refusals")
        let days = try await scenario.ledger.days(
            of: .service, tenant: subject.tenant, from: scenario.clock.now.date,
            through: scenario.clock.now.date)
        try expectEqual(days.map(\.requestCount), [1], "requests counted after refusals")
        try expect(
            try await scenario.consume(subject, [tokens: 5, Subject.calls: 2]).isAdmitted,
            "what was left before the refusals is left after them")
    }

    private static func namesViolations(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(10, per: .day), .tokens(8, per: .month, mode: .shadow),
            .tokens(100, per: .year), .tokens(5, per: .minute))
        let refused = try await scenario.consume(subject, [Subject.tokens: 11])
        try expectEqual(refused.violations.map(\.index), [0, 1, 3], "the violated limits")
        try expectEqual(
            refused.violations.map(\.isEnforced), [true, false, true], "those that refuse")
        try expectEqual(refused.violations.map(\.available), [10, 8, 5], "what was available")
    }

    private static func shadowAdmits(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(10, per: .month, mode: .shadow), .tokens(20, per: .day),
            .tokens(5, per: .minute, mode: .shadow))
        let outcome = try await scenario.consume(subject, [Subject.tokens: 15])
        try expect(outcome.isAdmitted, "a shadow limit admits")
        try expectEqual(outcome.violations.map(\.index), [0, 2], "what would have refused")
        let balances = try await scenario.accounts(subject).map(Balances.init)
        try expectEqual(
            balances, [Balances(posted: 15, available: -5), Balances(posted: 15, available: 5)],
            "a shadow limit counts")
        try expect(
            try await scenario.consume(subject, 6) == false, "the enforced limit still refuses")
        try expectEqual(
            try await scenario.accounts(subject).map(Balances.init), balances,
            "a refusal leaves shadow limits alone")
    }

    private static func unenforced(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(1, per: .minute))
        let outcome = try await scenario.outcome(
            scenario.command(subject, [Subject.tokens: 25], isEnforced: false))
        try expect(outcome.isAdmitted, "everything is admitted")
        try expectEqual(outcome.violations.map(\.index), [0, 1], "what would have refused")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 25, available: -15),
            "the use is recorded")
        let event = try await scenario.events(subject).first
        try expectEqual(event?.units, 25, "the event's units")
        try expect(try await scenario.consume(subject, 1) == false, "enforcement comes back")
    }

    private static func tenantsAreApart(_ scenario: Scenario) async throws {
        let limits: [Limit] = [.tokens(10, per: .month), .tokens(10, per: .minute)]
        let left = Subject(tenant: TenantID(trusted: "left"), limits: limits)
        let right = Subject(tenant: TenantID(trusted: "right"), limits: limits)
        try await scenario.consume(left, 10)
        try expect(try await scenario.consume(left, 1) == false, "the left one is used up")
        try expect(try await scenario.consume(right, 10), "the right one has all of its own")
        try expectEqual(try await scenario.events(left).count, 1, "events of the left one")
        let missing = Subject(tenant: TenantID(trusted: "none"), limits: limits)
        try expect(
            try await scenario.ledger.accounts(of: missing.tenant).isEmpty,
            "who never asked has no accounts")
    }

    private static func scopesAreApart(_ scenario: Scenario) async throws {
        var subject = Subject("acme")
        let perKey = Limit.tokens(5, per: .month, scope: .key(nil))
        let perModel = Limit.tokens(
            7, per: .month, scope: .model(ModelName(trusted: "small")))
        let tenant = Limit.tokens(100, per: .month)
        for key in ["k1", "k2"] {
            subject.key = APIKeyID(trusted: key)
            subject.limits = [tenant, perKey, perModel]
                .map {
                    CompiledLimit($0, key: subject.key, source: .plan, revision: 1)
                }
            try await scenario.consume(subject, 3)
        }
        let available = try await scenario.accounts(subject).map(\.available)
        try expectEqual(available, [94, 2, 1], "tenant, second key and model")
        try expect(try await scenario.consume(subject, 2) == false, "the model's limit refuses")
        let records = try await scenario.ledger.accounts(of: subject.tenant)
        try expectEqual(records.count, 4, "accounts: tenant, two keys, one model")
        try expectEqual(records.count { $0.isTenantScope }, 1, "accounts of the whole tenant")
    }

    private static func unlimitedIsMetered(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(nil, per: .month), .tokens(nil, per: .second))
        for _ in 0..<3 {
            try expect(try await scenario.consume(subject, Amount.maximum), "no bound")
        }
        let account = try await scenario.accounts(subject)[0]
        try expectEqual(account.posted, 3 * Amount.maximum, "the use")
        try expect(account.isUnlimited && account.quantity == nil, "the account is unlimited")
    }

    private static func looksChangeNothing(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(5, per: .minute))
        let looked = try await scenario.view(subject)
        try expect(looked.violations.isEmpty, "a look wants nothing")
        let command = ViewCommand(
            tenant: subject.tenant, demands: subject.demands([Subject.tokens: 11]),
            calendar: subject.calendar)
        let refused = try await scenario.ledger.view(command)
        try expectEqual(refused.violations.map(\.index), [0, 1], "what would be refused")
        try expect(
            try await scenario.ledger.accounts(of: subject.tenant).isEmpty,
            "a look opens no account")
        try expect(try await scenario.allBatches().isEmpty, "a look makes no entry")
    }

    private static func postsOnce(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        for _ in 0..<3 {
            let command = scenario.command(subject, [Subject.tokens: 4], decision: "d_same")
            do {
                _ = try await scenario.ledger.admit(command)
            } catch {
                // Refusing a used id is as good as answering as before.
                if error.code == .broken { throw error }
            }
        }
        try expectEqual(try await scenario.events(subject).count, 1, "events of one id")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 4, available: 96),
            "one effective posting")
    }
}
