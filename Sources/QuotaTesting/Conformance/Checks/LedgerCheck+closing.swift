import QuotaEngine
import QuotaLedger
import QuotaModel

// A period closes by what the time is, not by who notices first.
extension LedgerCheck {
    static let closing = [
        LedgerCheck("use and a sweep close a period alike", closesAlike),
        LedgerCheck("a settlement after the grace is late whether or not it was swept", lateAlike),
        LedgerCheck("the end of one hold does not close others unresolved", closesByLastHold),
        LedgerCheck("a void after the period closed gives nothing to anybody", lateVoid),
        LedgerCheck("what ended by time before the close ends in its period", endsBeforeClose),
    ]

    private enum Step: CaseIterable {
        case sweep, use, sweepThenUse, settleOther
    }

    /// Two holds of a day that is over for longer than the grace, and then one step.
    private static func archive(
        _ scenario: Scenario,
        after step: Step
    ) async throws -> ArchiveRecord {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("\(step)", .tokens(100, per: .day))
        let other = Subject("\(step)-other", .tokens(100, per: .day))
        try await scenario.consume(subject, 1)
        _ = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        _ = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        let elsewhere = try await scenario.reserve(other, 5, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-11-22T00:20:00Z")
        switch step {
        case .sweep: break
        case .use: try await scenario.consume(subject, 1)
        case .sweepThenUse:
            try await scenario.sweep()
            try await scenario.consume(subject, 1)
        case .settleOther: try await scenario.settle(elsewhere, 5)
        }
        try await scenario.sweep()
        return try await scenario.onlyArchive(subject)
    }

    private static func closesAlike(_ scenario: Scenario) async throws {
        for step in Step.allCases {
            let archive = try await archive(scenario, after: step)
            try expectEqual(
                Balances(archive.record.account),
                Balances(posted: 1, suspect: 30, available: 69), "the day closed by \(step)")
            let grants = try await scenario.ledger
                .unclosedGrants(
                    of: archive.record.key.tenant
                )
                .filter { $0.account == archive.record.id }
            try expectEqual(
                grants.map(\.grant.state), [.suspect, .suspect],
                "the state of its grants, closed by \(step)")
        }
    }

    private static func lateAlike(_ scenario: Scenario) async throws {
        for isSwept in [true, false] {
            try scenario.setClock("2026-11-21T23:59:00Z")
            let subject = Subject("swept-\(isSwept)", .tokens(100, per: .day))
            let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
            try scenario.setClock("2026-11-22T00:15:00Z")
            if isSwept { try await scenario.sweep() }
            try await scenario.consume(subject, 1)
            try await scenario.settle(reservation, 8)
            try await scenario.sweep()
            try expectEqual(
                try await scenario.balances(subject), Balances(posted: 9, available: 91),
                "the new day has the adjustment (swept: \(isSwept))")
            try expectEqual(
                Balances(try await scenario.onlyArchive(subject).record.account),
                Balances(suspect: 10, available: 90), "the old day (swept: \(isSwept))")
        }
    }

    private static func closesByLastHold(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        let first = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        let second = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-11-22T00:14:00Z")
        try await scenario.settle(first, 10)
        try await scenario.sweep()
        try expect(
            try await scenario.ledger.archives(of: subject.tenant, limit: 1).isEmpty,
            "the day waits for its last hold")
        try await scenario.settle(second, 15)
        try await scenario.sweep()
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 25, available: 75), "then it closes, before its grace is over")
    }

    private static func lateVoid(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-11-22T00:15:00Z")
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        guard case .done(let ended) = try await scenario.conclude(reservation, .void) else {
            throw ConformanceFailure(promise: "a void is accepted", seen: "not", line: #line)
        }
        try expectEqual(ended.state, .voided, "the state")
        try expectEqual(try await scenario.onlyArchive(subject), archive, "the closed day")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "the new day")
        let grants = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expect(grants.isEmpty, "the grant is resolved", saw: "\(grants)")
    }

    private static func endsBeforeClose(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:00:00Z")
        let subjects = (0..<6).map { Subject("t\($0)", .tokens(100, per: .day)) }
        for (index, subject) in subjects.enumerated() {
            let hold = Hold(ttlSeconds: 600 - Int64(index), onExpiry: .post)
            _ = try await scenario.reserve(subject, 10, hold)
        }
        // The server was down meanwhile: the holds ended at 23:10, the day closed at 00:15.
        try scenario.setClock("2026-11-22T01:00:00Z")
        for _ in 0..<20 {
            if try await scenario.sweep(limit: 2).isComplete { break }
        }
        for subject in subjects {
            try expectEqual(
                Balances(try await scenario.onlyArchive(subject).record.account),
                Balances(posted: 10, available: 90), "the day of \(subject.tenant)")
            let adjusted = try await scenario.events(subject).map(\.adjusts)
            try expectEqual(adjusted, [nil], "no adjustment")
        }
    }
}
