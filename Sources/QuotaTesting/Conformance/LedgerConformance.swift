/// The promise of `Ledger` as a list of checks: every store runs all of them.
///
/// Each check wants a ledger of its own. Run them from any test framework:
///
///     for check in LedgerConformance.checks {
///         let clock = ManualClock()
///         try await check.run(LedgerHarness(clock: clock, ledger: MyLedger(clock: clock.read)))
///     }
public enum LedgerConformance {
    /// All checks; none depends on another.
    public static let checks: [LedgerCheck] = decisions + administration

    /// Requests, and what time makes of them.
    private static let decisions: [LedgerCheck] =
        LedgerCheck.directory + LedgerCheck.keysAndPlans + LedgerCheck.admission
        + LedgerCheck.races + LedgerCheck.rates + LedgerCheck.reservations
        + LedgerCheck.outcomes + LedgerCheck.expiry + LedgerCheck.idempotency
        + LedgerCheck.periods + LedgerCheck.straddling + LedgerCheck.closing
        + LedgerCheck.batches + LedgerCheck.usage + LedgerCheck.days + LedgerCheck.entries
        + LedgerCheck.capacity + LedgerCheck.overflow + LedgerCheck.sweeping
        + LedgerCheck.randomised + LedgerCheck.clusters + LedgerCheck.silence
        + LedgerCheck.carry + LedgerCheck.rollover + LedgerCheck.leases + LedgerCheck.takeover
        + LedgerCheck.lives

    /// What administrators do, and what they are shown.
    private static let administration: [LedgerCheck] =
        LedgerCheck.allocations + LedgerCheck.resets + LedgerCheck.evidence
        + LedgerCheck.adjustments + LedgerCheck.imports + LedgerCheck.sharing
        + LedgerCheck.changes + LedgerCheck.organizations + LedgerCheck.audit
        + LedgerCheck.reports + LedgerCheck.sums + LedgerCheck.upheaval
        + LedgerCheck.suspects + LedgerCheck.forgetting + LedgerCheck.topUps + LedgerCheck.whatIf
        + LedgerCheck.notifications
        + LedgerCheck.ends
}
