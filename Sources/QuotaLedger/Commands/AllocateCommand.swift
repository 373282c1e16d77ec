public import QuotaModel

/// Sets how much of an allocation a tenant holds.
public struct AllocateCommand: Sendable {
    /// How the units held are changed.
    public enum Change: Hashable, Sendable {
        /// By so many: taken, or released when negative.
        case delta(Int64)
        /// To so many.
        case set(Int64)
        /// To so many where none is held, and else by none.
        case start(Int64)
    }

    /// Who asks, with the limits that bound the allocation; the demands' amounts do not count.
    public let request: AdmitCommand
    /// What is counted.
    public let meter: MeterID
    /// How the units held are changed.
    public let change: Change

    /// Creates a command.
    public init(request: AdmitCommand, meter: MeterID, change: Change) {
        self.request = request
        self.meter = meter
        self.change = change
    }
}

/// The answer to an ``AllocateCommand``.
public enum AllocateAnswer: Hashable, Sendable {
    /// Decided now, for a change by `delta` units; the answer is set when one was kept.
    case decided(AdmitOutcome, delta: Int64, stored: StoredAnswer?)
    /// Decided before.
    case replayed(StoredAnswer)
    /// The idempotency key was used for something else.
    case idempotencyKeyReused
    /// Fewer units than that are held.
    case belowZero(held: Int64)
    /// A balance would leave its range: nothing was taken.
    case outOfRange
}
