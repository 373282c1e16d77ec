import QuotaEngine
import QuotaLedger
import QuotaModel

// What becomes due is done, a bounded part at a time.
extension LedgerCheck {
    static let sweeping = [
        LedgerCheck("a sweep does a bounded part and says whether there is more", bounded),
        LedgerCheck("a sweep goes on behind accounts from which something is out", passesOver),
        LedgerCheck("an idle sweep changes nothing", idle),
        LedgerCheck("dropped caches change no answer", dropsCaches),
    ]

    private static func bounded(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:00:00Z")
        var subjects: [Subject] = []
        for index in 0..<20 {
            let subject = Subject("t\(index)", .tokens(100, per: .day))
            _ = try await scenario.reserve(subject, 10, Hold(onExpiry: .post))
            subjects.append(subject)
        }
        try scenario.setClock("2026-11-22T00:05:00Z")
        var expired = 0
        var sweeps = 0
        while true {
            let answer = try await scenario.sweep(limit: 7)
            try expect(
                answer.expiredReservations <= 7 && answer.closedAccounts <= 7,
                "a sweep of 7 does at most 7 of each kind", saw: "\(answer)")
            expired += answer.expiredReservations
            sweeps += 1
            if answer.isComplete { break }
            try expect(sweeps < 20, "sweeps come to an end")
        }
        try expectEqual(expired, 20, "reservations that ended by time")
        for subject in subjects {
            let archives = try await scenario.ledger.archives(of: subject.tenant, limit: 10)
            try expectEqual(
                archives.map { Balances($0.record.account).suspect }, [0], "suspect units")
            let posted = try await scenario.events(subject).map(\.units)
            try expectEqual(posted, [10], "posted by expiry")
            let open = try await scenario.ledger.accounts(of: subject.tenant)
                .filter { $0.period.end <= scenario.clock.now }
            try expect(open.isEmpty, "a complete sweep leaves no old account", saw: "\(open)")
        }
    }

    private static func passesOver(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:50Z")
        for index in 0..<12 {
            let subject = Subject("t\(index)", .tokens(100, per: .day))
            try await scenario.consume(subject, 1)
            if index % 3 != 2 { _ = try await scenario.reserve(subject, 10) }
        }
        try scenario.setClock("2026-11-22T00:00:10Z")
        var (closed, sweeps) = (0, 0)
        var place: EndedAccountPlace?
        while true {
            let answer = try await scenario.ledger.sweep(
                SweepCommand(
                    forgetAnswersBefore: .distantPast, maximumAnswers: 1_000_000, limit: 1,
                    after: place))
            closed += answer.closedAccounts
            sweeps += 1
            if answer.isComplete { break }
            try expect(answer.next != place, "each sweep goes on", saw: "\(answer)")
            place = answer.next
            try expect(sweeps < 20, "sweeps come to an end")
        }
        try expectEqual(closed, 4, "accounts from which nothing is out")
    }

    private static func idle(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .day))
        try await scenario.consume(subject, 1)
        _ = try await scenario.reserve(subject, 10)
        let batches = try await scenario.allBatches()
        let states = try await scenario.view(subject).states
        let answer = try await scenario.sweep()
        try expect(
            answer.isComplete && answer.expiredReservations == 0 && answer.closedAccounts == 0,
            "nothing is due", saw: "\(answer)")
        try expectEqual(try await scenario.allBatches(), batches, "the entries")
        try expectEqual(try await scenario.view(subject).states, states, "the states")
    }

    private static func dropsCaches(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .day), .tokens(50, per: .minute))
        let reservation = try await scenario.reserve(subject, 10)
        _ = try await scenario.ledger.dropCaches()
        try await scenario.consume(subject, 20)
        _ = try await scenario.ledger.dropCaches()
        try await scenario.settle(reservation, 5)
        let states = try await scenario.view(subject).states
        _ = try await scenario.ledger.dropCaches()
        try expectEqual(try await scenario.view(subject).states, states, "the states")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 25, available: 75),
            "the balances")
        try expectEqual(try await scenario.ledger.dropCaches() >= 0, true, "a count")
    }
}
