/// One promise of a ledger, and how to see whether a store keeps it.
public struct LedgerCheck: Sendable, CustomStringConvertible {
    /// The promise, in words.
    public let name: String
    /// Tries the promise on a new ledger; throws ``ConformanceFailure`` when it is not kept.
    public let run: @Sendable (LedgerHarness) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Scenario) async throws -> Void) {
        self.name = name
        run = { harness in try await body(Scenario(harness)) }
    }

    /// The promise.
    public var description: String { name }
}
