import QuotaEngine
import QuotaLedger
import QuotaModel

// The entry log.
extension LedgerCheck {
    static let entries = [
        LedgerCheck("folding the entries gives every balance", foldsToBalances),
        LedgerCheck("the entries are chained by their hashes", chainHolds),
        LedgerCheck("entries are only appended, in pages of any size", appendsOnly),
    ]

    /// Traffic of every kind over three days; answers the tenants.
    private static func traffic(_ scenario: inout Scenario) async throws -> [Subject] {
        let subjects = ["a}{b", "plain", "\u{E9}"]
            .map { name in
                Subject(
                    name, .tokens(100, per: .day), .tokens(150, per: .month),
                    .tokens(nil, per: .year), .tokens(60, per: .hour, burst: 60))
            }
        try scenario.setClock("2026-11-29T22:00:00Z")
        var random = SeededRandom(seed: 5)
        for step in 0..<150 {
            let subject = subjects[step % 3]
            let amount = Int64.random(in: 1...20, using: &random)
            switch step % 5 {
            case 0, 1: try await scenario.consume(subject, amount)
            default:
                let expiry = Reservation.OnExpiry.allCases[step % 3]
                let hold = Hold(ttlSeconds: 900, onExpiry: expiry)
                let outcome = try await scenario.outcome(
                    scenario.command(subject, [Subject.tokens: amount], hold: hold))
                guard let reservation = outcome.reservation, step % 5 != 4 else { break }
                if step % 5 == 3 { scenario.clock.advance(by: .seconds(1_000)) }
                let used = Int64.random(in: 0...25, using: &random)
                let charge = Charge(meter: Subject.tokens, amount: used)
                try await scenario.conclude(reservation, .settle([charge]))
            }
            if step % 4 == 0 { try await scenario.sweep() }
            if step % 50 == 49 { try await scenario.reopen() }
            scenario.clock.advance(by: .seconds(1_200))
        }
        return subjects
    }

    private static func foldsToBalances(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subjects = try await traffic(&scenario)
        var sums: [AccountID: [Int64]] = [:]
        for entry in try await scenario.allBatches().flatMap(\.entries) {
            let deltas = [
                entry.capacity, entry.available, entry.escrowed, entry.suspect, entry.posted,
            ]
            let old = sums[entry.account] ?? [0, 0, 0, 0, 0]
            sums[entry.account] = zip(old, deltas).map { $0 + $1 }
        }
        var kept: [AccountID: [Int64]] = [:]
        for subject in subjects {
            for record in try await scenario.allAccounts(subject) {
                let account = record.account
                try expect(account.isConserved, "every account is conserved", saw: "\(record)")
                kept[record.id] = [
                    account.capacity, account.available, account.escrowed, account.suspect,
                    account.posted,
                ]
            }
        }
        try expect(kept.count > 9, "there are closed and open periods", saw: "\(kept.count)")
        try expectEqual(sums, kept, "the sums of the entries")
    }

    private static func chainHolds(_ scenario: Scenario) async throws {
        var scenario = scenario
        _ = try await traffic(&scenario)
        var head = LedgerHead()
        for batch in try await scenario.allBatches() {
            try expectEqual(batch.number, head.batch + 1, "batches are numbered without a gap")
            try expect(!batch.entries.isEmpty, "a batch has entries")
            let hash = EntryBatch.hash(
                previous: head.hash, number: batch.number, committedAt: batch.committedAt,
                entries: batch.entries)
            try expectEqual(batch.hash, hash, "the hash of batch \(batch.number)")
            head = LedgerHead(batch: batch.number, hash: batch.hash)
        }
        try expect(head.batch > 100, "there is a chain", saw: "\(head.batch) batches")
    }

    private static func appendsOnly(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(100, per: .month))
        for amount in [3, 4, 5] as [Int64] {
            try await scenario.consume(subject, amount)
            scenario.clock.advance(by: .seconds(1))
        }
        let before = try await scenario.allBatches()
        try expectEqual(before.count, 3, "a batch for each transaction")
        try expectEqual(
            before.first?.entries.map { [$0.capacity, $0.available, $0.posted] }, [[100, 97, 3]],
            "the first entry opens the account")
        try expectEqual(
            before.last?.entries.map { [$0.capacity, $0.available, $0.posted] }, [[0, -5, 5]],
            "the last entry is the change")
        try await scenario.reopen()
        try await scenario.consume(subject, 1)
        var paged: [EntryBatch] = []
        while true {
            let page = try await scenario.ledger.entryBatches(
                after: paged.last?.number ?? 0, limit: 1)
            if page.isEmpty { break }
            paged += page
        }
        try expectEqual(Array(paged.prefix(3)), before, "the entries of before")
        try expectEqual(paged.count, 4, "the entries of after")
    }
}
