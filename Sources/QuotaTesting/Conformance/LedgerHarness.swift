public import QuotaLedger

/// A new, empty ledger for one check, with the clock that it asks.
public struct LedgerHarness: Sendable {
    /// The ledger's clock.
    public let clock: ManualClock
    /// The ledger, as it is after its first start.
    public let ledger: any Ledger
    /// Stops the ledger and starts it again on the same data; nil for a store that keeps nothing.
    public let reopen: (@Sendable () async throws -> any Ledger)?

    /// Creates a harness.
    public init(
        clock: ManualClock,
        ledger: any Ledger,
        reopen: (@Sendable () async throws -> any Ledger)? = nil
    ) {
        self.clock = clock
        self.ledger = ledger
        self.reopen = reopen
    }
}
