import QuotaEngine
import QuotaLedger
import QuotaModel
import Testing

@testable import QuotaTesting

@Suite("The chains of the in-memory ledger")
struct ChainCheckTests {
    private let clock = ManualClock()
    private let ledger: MemoryLedger
    private let scenario: Scenario
    private let subject = Subject("acme", .tokens(1_000, per: .month), .tokens(100, per: .day))

    init() {
        ledger = MemoryLedger(clock: clock.read)
        scenario = Scenario(LedgerHarness(clock: clock, ledger: ledger))
    }

    /// Takes what a check has not seen yet, a few batches at a time.
    private func take(_ chain: inout EntryChainCheck, _ fold: inout EntryFoldCheck) async throws {
        while true {
            let slice = try await ledger.entryBatches(after: chain.number, limit: 3)
            if slice.isEmpty { return }
            for batch in slice {
                chain.take(batch, positions: batch.entries.indices.map(Int64.init))
                for entry in batch.entries { fold.take(entry) }
            }
        }
    }

    @Test("are checked in slices while the ledger grows")
    func slices() async throws {
        var chain = EntryChainCheck()
        var fold = EntryFoldCheck()
        for _ in 0..<4 {
            for amount in 1...5 as ClosedRange<Int64> {
                try await scenario.consume(subject, amount)
            }
            try await take(&chain, &fold)
        }
        chain.finish(ledger.head)
        #expect(chain.result.first == nil)
        #expect(chain.result.counts.map(\.number) == [20, 40])
        for record in try await ledger.accounts(of: subject.tenant) {
            fold.take(
                account: Entry(
                    account: record.id, capacity: record.account.capacity,
                    available: record.account.available, escrowed: record.account.escrowed,
                    suspect: record.account.suspect, posted: record.account.posted),
                isArchived: false)
        }
        fold.finish()
        #expect(fold.result.first == nil)
        #expect(fold.conservation.first == nil)
        #expect(fold.result.counts.map(\.number) == [2, 0])
    }

    @Test("have a link for each change, which names the last batch")
    func changes() async throws {
        for number in 1...4 as ClosedRange<Int64> {
            try await scenario.consume(subject, number)
            let command = scenario.adjustment(subject, number, id: "a_\(number)")
            let note = AuditNote(action: "adjustment.create", subject: "a_\(number)")
            // The note belongs to its own transaction's batch.
            _ = try await scenario.run(.audited(.adjust(command), note))
        }
        let links = ledger.auditLinks
        #expect(links.map(\.batch) == [2, 4, 6, 8])
        let batches = try await ledger.entryBatches(after: 0, limit: 99)
        var check = AuditChainCheck()
        for link in links { check.take(link, batchHash: batches[Int(link.batch) - 1].hash) }
        check.finish(ledger.head)
        #expect(check.result.first == nil)

        var swapped = AuditChainCheck()
        for link in links { swapped.take(link, batchHash: batches[0].hash) }
        #expect(swapped.result.differences == 4, "each names a batch that is another now")
        var older = AuditChainCheck()
        for link in links.dropLast() {
            older.take(link, batchHash: batches[Int(link.batch) - 1].hash)
        }
        older.finish(ledger.head)
        #expect(older.result.first?.found == "number 3")
    }
}
