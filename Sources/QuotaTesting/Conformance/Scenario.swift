import QuotaLedger
import QuotaModel

/// What checks speak: a ledger, its clock, and requests in one line each.
struct Scenario: Sendable {
    private(set) var ledger: any Ledger
    let clock: ManualClock
    private let reopenLedger: (@Sendable () async throws -> any Ledger)?
    let serial = Serial()

    init(_ harness: LedgerHarness) {
        ledger = harness.ledger
        clock = harness.clock
        reopenLedger = harness.reopen
    }

    /// Whether the store keeps its data over a restart.
    var isDurable: Bool { reopenLedger != nil }

    /// Stops and starts a durable ledger; does nothing to another.
    mutating func reopen() async throws {
        if let reopenLedger { ledger = try await reopenLedger() }
    }

    /// How usage of the built-in meters is kept.
    var recordings: [MeterID: Meter.Recording] {
        Dictionary(uniqueKeysWithValues: Meter.builtIn.map { ($0.id, $0.recording) })
    }

    /// Sets the clock to an instant in RFC 3339.
    func setClock(_ text: String) throws {
        clock.set(try instant(text))
    }

    func instant(_ text: String) throws -> Timestamp {
        guard let instant = Timestamp(text) else {
            throw ConformanceFailure(promise: "an instant", seen: text, line: #line)
        }
        return instant
    }
}
