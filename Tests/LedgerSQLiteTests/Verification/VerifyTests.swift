import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import Testing

@testable import QuotaTesting

@Suite("A ledger that is as it was written verifies")
struct VerifyTests {
    @Test("with some of everything in it, open and closed, and everything is looked at")
    func busy() async throws {
        let store = try await BusyLedger.open()
        let open = try store.verification()
        #expect(open.checks.compactMap(\.first) == [])
        try await store.ledger.close()
        let closed = try store.verification()
        #expect(closed == open)
        for check in closed.checks {
            for count in check.counts { #expect(count.number > 0, "\(check.name) \(count.noun)") }
        }
        #expect(closed.head?.audit == 16)
    }

    @Test("when it is new")
    func empty() async throws {
        let store = try SQLiteStore()
        let verification = try store.verification()
        #expect(verification.isFine)
        #expect(verification.head == LedgerHead())
    }

    @Test("while it is written to, each time as of one moment")
    func whileWritten() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 1_000_000)
        try await user.beside {
            for _ in 0..<10 {
                let verification = try store.verification()
                #expect(verification.checks.compactMap(\.first) == [])
            }
        }
        let verification = try store.verification()
        #expect(verification.isFine)
        #expect(verification.checks.first { $0.name == .events }?.counts[0].number == 960)
    }

    @Test("with a meter whose recording was changed, from the change on")
    func recordingChanged() async throws {
        let store = try SQLiteStore()
        let scenario = Scenario(store.harness)
        let subject = Subject("acme", .calls(100, per: .month))
        try await scenario.consume(subject, [Subject.calls: 2])
        let changed = Meter(id: Subject.calls, kind: .counter, recording: .event)
        _ = try await scenario.run(
            .audited(
                .updateMeter(changed), AuditNote(action: "meter.update", subject: "api_calls")))
        #expect(try store.findings() == [])
        try await store.ledger.close()
        try await Damage.run(store, ["DELETE FROM audit", "UPDATE head SET audit = 0"])
        #expect(try store.findings().contains(.events), "each call has an event, then")
    }

    @Test("of the first version after its migration, but for its days")
    func migrated() async throws {
        let folder = try TemporaryFolder()
        let dataFolder = try DataFolder(path: folder.path)
        try FirstVersion.write(to: dataFolder.databasePath)
        let error = #expect(throws: LedgerError.self) {
            try LedgerVerifier.verify(folder: folder.path)
        }
        #expect(error?.code == .olderSchema)
        #expect(error?.message.contains("start this version's server") == true)
        try await LedgerSQLite(folder: dataFolder, clock: ManualClock(FirstVersion.now).read)
            .close()
        // Its rows were made up, and their days don't add up.
        let failed = try LedgerVerifier.verify(folder: folder.path).checks.filter { !$0.isFine }
        #expect(failed.map(\.name) == [.totals])
        #expect(failed.first?.differences == 3)
    }
}
