/// Units of one meter that a request uses.
public struct Charge: Hashable, Sendable {
    /// What is counted.
    public let meter: MeterID
    /// How many units; 1 to ``Amount/maximum``, and 0 only where a settlement says so.
    public let amount: Int64

    /// Creates a charge.
    public init(meter: MeterID, amount: Int64) {
        self.meter = meter
        self.amount = amount
    }
}
