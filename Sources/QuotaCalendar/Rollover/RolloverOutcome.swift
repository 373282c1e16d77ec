/// What a period's end makes of its allowance and its carried units.
///
/// `allowance + carried before = planUsed + carriedUsed + carried + expired`, and
/// `used = planUsed + carriedUsed + overage`.
public struct RolloverOutcome: Hashable, Sendable {
    /// Why units expired.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// No policy carries them.
        case notCarried = "not_carried"
        /// They reached the highest age.
        case age
        /// They exceeded the cap.
        case cap
        /// The plan changed.
        case planChange = "plan_change"
    }

    /// Units that are gone.
    public struct Expiry: Hashable, Sendable {
        /// The index of the period whose allowance they are from.
        public let originIndex: Int64
        /// How many, more than 0.
        public let units: Int64
        /// Why.
        public let reason: Reason

        /// Creates an expiry.
        public init(originIndex: Int64, units: Int64, reason: Reason) {
            self.originIndex = originIndex
            self.units = units
            self.reason = reason
        }
    }

    /// Units used of the period's own allowance.
    public let planUsed: Int64
    /// Units used of those carried into the period.
    public let carriedUsed: Int64
    /// Units used beyond both.
    public let overage: Int64
    /// The lots of the next period, the oldest first.
    public let carried: [CarriedLot]
    /// What expired, the oldest first.
    public let expired: [Expiry]

    /// The sum of the lots of the next period.
    public var carriedUnits: Int64 { carried.reduce(0) { $0 + $1.units } }
    /// The sum of what expired.
    public var expiredUnits: Int64 { expired.reduce(0) { $0 + $1.units } }
}
