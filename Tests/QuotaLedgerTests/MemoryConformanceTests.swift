import QuotaLedger
import QuotaTesting
import Testing

/// The in-memory ledger keeps every promise of `Ledger`.
@Suite("The in-memory ledger conforms")
struct MemoryConformanceTests {
    @Test(arguments: LedgerConformance.checks)
    func keeps(_ check: LedgerCheck) async throws {
        let clock = ManualClock()
        let ledger = MemoryLedger(clock: clock.read)
        let harness = LedgerHarness(clock: clock, ledger: ledger) {
            ledger.restart()
            return ledger
        }
        try await check.run(harness)
    }
}
