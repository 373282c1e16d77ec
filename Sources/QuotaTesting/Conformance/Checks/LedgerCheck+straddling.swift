import QuotaEngine
import QuotaLedger
import QuotaModel

// Settlements on the other side of a period's end.
extension LedgerCheck {
    static let straddling = [
        LedgerCheck("50 settlements that straddle a period's end post to it", straddle),
        LedgerCheck("they do so when the next period is in use", straddleIntoUse),
        LedgerCheck("they do so over a restart and without caches", straddleOverRestart),
        LedgerCheck("a period waits 15 minutes for its settlements", grace),
        LedgerCheck("late settlements adjust the current period and name the old one", adjusts),
        LedgerCheck("they do so when the current period was not used yet", adjustsUnused),
        LedgerCheck("they do so two periods later", adjustsLater),
        LedgerCheck("a hold that expires after its period is suspect in it", expiresAfterEnd),
        LedgerCheck("a hold that ends with its day is not lost to a correction", corrects),
        LedgerCheck("a hold of two days ends with the second", endsOfTwoDays),
        LedgerCheck("use of the day before the last ends the last before it opens the next", skips),
    ]

    /// Holds 50 × 10 in November and settles 7 of each in December.
    private static func straddle(
        _ scenario: Scenario,
        between: (inout Scenario, Subject) async throws -> Void
    ) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-30T23:59:50Z")
        let subject = Subject("acme", .tokens(1_000, per: .month), .tokens(nil, per: .day))
        try await scenario.consume(subject, 100)
        var reservations: [Reservation] = []
        for _ in 0..<50 { reservations.append(try await scenario.reserve(subject, 10)) }
        try await between(&scenario, subject)
        for reservation in reservations.prefix(20) { try await scenario.settle(reservation, 7) }
        try scenario.setClock("2026-12-01T00:00:00Z")
        try await between(&scenario, subject)
        for (index, reservation) in reservations.dropFirst(20).enumerated() {
            try await scenario.settle(reservation, 7)
            if index % 10 == 0 { try await between(&scenario, subject) }
        }
        try await scenario.sweep()
        let archives = try await scenario.ledger.archives(of: subject.tenant, limit: 10)
        let november = archives.filter { $0.record.key.limit.text.hasSuffix("month") }
        try expectEqual(
            november.map { Balances($0.record.account) },
            [Balances(posted: 450, available: 550)], "November has all of its own")
        let day = archives.filter { $0.record.key.limit.text.hasSuffix("day") }
        try expectEqual(day.map(\.record.account.posted), [450], "and so has its last day")
        let adjusted = try await scenario.events(subject).filter { $0.adjusts != nil }
        try expect(adjusted.isEmpty, "nothing is an adjustment", saw: "\(adjusted.count)")
        let grants = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expect(grants.isEmpty, "nothing is held", saw: "\(grants.count)")
    }

    private static func straddle(_ scenario: Scenario) async throws {
        try await straddle(scenario) { _, _ in }
    }

    private static func straddleIntoUse(_ scenario: Scenario) async throws {
        try await straddle(scenario) { scenario, subject in
            if scenario.clock.now.date.month == 12 { try await scenario.consume(subject, 1) }
        }
    }

    private static func straddleOverRestart(_ scenario: Scenario) async throws {
        try await straddle(scenario) { scenario, _ in
            try await scenario.reopen()
            _ = try await scenario.ledger.dropCaches()
        }
    }

    private static func grace(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-30T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .month))
        let early = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        let late = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-12-01T00:14:59.999999999Z")
        try await scenario.sweep()
        try expect(
            try await scenario.ledger.archives(of: subject.tenant, limit: 1).isEmpty,
            "November waits")
        try await scenario.settle(early, 9)
        scenario.clock.advance(nanoseconds: 1)
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(posted: 9, suspect: 20, available: 71),
            "November as it closed: what is still out is suspect")
        try await scenario.settle(late, 20)
        try expectEqual(
            try await scenario.onlyArchive(subject), archive, "November after it closed")
    }

    /// A reservation of November that is settled in a later month, after November closed.
    private static func lateSettlement(
        _ scenario: Scenario,
        used: Int64,
        before: (Subject) async throws -> Void
    ) async throws -> Subject {
        try scenario.setClock("2026-11-30T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 30, Hold(ttlSeconds: 86_400))
        try scenario.setClock("2026-12-01T00:15:00Z")
        try await scenario.sweep()
        try await before(subject)
        let ended = try await scenario.settle(reservation, used)
        try expectEqual(ended.state, .settled, "a late settlement is accepted")
        let event = try await scenario.events(subject).first { $0.id == reservation.id.text }
        try expectEqual(event?.units, used, "the event's units")
        try expectEqual(
            event?.adjusts, try scenario.instant("2026-11-01T00:00:00Z"), "the period it names")
        let again = try await scenario.settle(reservation, used)
        try expectEqual(again, ended, "the repeated answer")
        return subject
    }

    private static func adjusts(_ scenario: Scenario) async throws {
        let subject = try await lateSettlement(scenario, used: 45) { subject in
            try await scenario.consume(subject, 5)
        }
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 50, available: 50),
            "December has the adjustment")
    }

    private static func adjustsUnused(_ scenario: Scenario) async throws {
        let subject = try await lateSettlement(scenario, used: 12) { _ in }
        try await scenario.consume(subject, 5)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 17, available: 83),
            "December has the adjustment, though it was not in use")
    }

    private static func adjustsLater(_ scenario: Scenario) async throws {
        let subject = try await lateSettlement(scenario, used: 12) { subject in
            try await scenario.consume(subject, 5)
            try scenario.setClock("2027-01-02T00:00:00Z")
        }
        try await scenario.consume(subject, 1)
        try await scenario.sweep()
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 13, available: 87),
            "January has the adjustment: it is the current period")
        let december = try await scenario.ledger.archives(of: subject.tenant, limit: 1).first
        try expectEqual(december?.record.account.posted, 5, "December has none of it")
    }

    private static func expiresAfterEnd(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-30T23:59:30Z")
        let subject = Subject("acme", .tokens(100, per: .month))
        _ = try await scenario.reserve(subject, 10, Hold(onExpiry: .suspect))
        _ = try await scenario.reserve(subject, 20, Hold(onExpiry: .post))
        _ = try await scenario.reserve(subject, 30, Hold(onExpiry: .void))
        try scenario.setClock("2026-12-01T00:01:00Z")
        try await scenario.sweep()
        try expectEqual(try await scenario.balances(subject), Balances(available: 100), "December")
        try scenario.setClock("2026-12-01T00:15:00Z")
        try await scenario.sweep()
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 20, suspect: 10, available: 70), "November")
        let date = try scenario.instant("2026-11-30T00:00:00Z").date
        let days = try await scenario.ledger.usage(
            of: Subject.tokens, on: date, page: UsagePage(limit: 10))
        try expectEqual(days.map(\.units), [20], "use belongs to the day of its admission")
    }

    /// The correction finds the day over, and its end settles a hold of the month as well.
    private static func corrects(_ scenario: Scenario) async throws {
        for (index, isImport) in [false, true].enumerated() {
            try scenario.setClock("2026-12-0\(1 + 2 * index)T12:00:00Z")
            let subject = Subject(
                "acme-\(index)", .tokens(1_000, per: .month), .tokens(1_000, per: .day))
            _ = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 60, onExpiry: .post))
            try scenario.setClock("2026-12-0\(2 + 2 * index)T12:00:00Z")
            if isImport {
                try await scenario.importUsage(
                    scenario.importing(
                        subject, .aiTokens, 5, on: scenario.clock.now.date, id: "a.import.1"))
            } else {
                try await scenario.adjust(subject, 5, id: "a_1")
            }
            try expectEqual(
                try await scenario.balances(subject), Balances(posted: 15, available: 985),
                "the month with both")
        }
        try await scenario.expectSound()
    }

    /// The hold was extended in its second day, its node is gone, and its first day is closed.
    private static func endsOfTwoDays(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-29T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        var node = try await LeasingNode(scenario)
        let first = try await node.lease(scenario, subject, 10)[0]
        var held = subject.reservation("r_1", 10, at: scenario.clock.now)
        try await node.fold(
            scenario,
            node.nextPart(reservations: [
                FoldedReservation(
                    reservation: held, pieces: [HeldPiece(lease: first, units: 10)])
            ]))
        try scenario.setClock("2026-11-30T00:01:00Z")
        let second = try await node.lease(scenario, subject, 5)[0]
        held.held = [Charge(meter: Subject.tokens, amount: 15)]
        let pieces = [HeldPiece(lease: first, units: 10), HeldPiece(lease: second, units: 5)]
        try await node.fold(
            scenario,
            node.nextPart(reservations: [FoldedReservation(reservation: held, pieces: pieces)]))
        try await node.end(scenario, .complete)
        try scenario.setClock("2026-11-30T00:15:00Z")
        try await scenario.sweep()
        try scenario.setClock("2026-12-01T00:16:00Z")
        try await scenario.sweep()
        let days = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
        try expectEqual(days.map(\.record.account.suspect), [5, 10], "what each day leaves open")
        try expectEqual(
            try await scenario.ledger.reservation(held.id)?.state, .suspect, "the hold")
    }

    /// The use is of a silent node's hold, so that the ledger has only its leases to go by.
    private static func skips(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-29T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        var silent = try await LeasingNode(scenario, "n1")
        let first = try await silent.lease(scenario, subject, 10)[0]
        let held = try await silent.hold(scenario, subject, 10, of: first)
        try scenario.setClock("2026-11-30T23:59:30Z")
        try await scenario.sweep()
        var other = try await LeasingNode(scenario, "n2")
        let last = try await other.lease(scenario, subject, 20)[0]
        try scenario.setClock("2026-12-01T00:00:10Z")
        try await scenario.settle(held, 10)
        let states = try await scenario.ledger.accounts(of: subject.tenant).map(\.account.state)
        try expectEqual(states, [.closing, .open], "the last day, and the next")
        // What comes back to the last day and what is wanted of the next are of two accounts.
        _ = try await other.lease(scenario, subject, 30)
        let answer = try await other.ask(
            scenario, subject, [Subject.tokens: 5],
            returns: [LeaseReturn(lease: last, returned: 20)])
        guard case .granted = answer else {
            throw ConformanceFailure(promise: "there is room", seen: "\(answer)", line: #line)
        }
        try expectEqual(
            try await scenario.balances(subject),
            Balances(posted: 10, held: 35, available: 55), "the next day")
        try await scenario.expectSound("after use of two days ago")
    }
}
