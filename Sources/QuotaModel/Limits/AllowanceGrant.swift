/// Units on top of a limit, as they stand now.
public struct AllowanceGrant: Hashable, Sendable {
    /// Where the units come from.
    public enum Kind: Hashable, Sendable {
        /// They were left of an earlier period: how many there were, for how many periods after
        /// their own now and at most, and by which version of the policy.
        case carried(units: Int64, age: Int, maximumAge: Int?, policyVersion: Int64)
        /// They were granted or bought.
        case topUp(TopUp)
    }

    /// What names it among those of its tenant.
    public let id: TopUpID
    /// The limit's name, with the key's id where it is a key's.
    public let limit: String
    /// What is counted.
    public let meter: MeterID
    /// Over what time.
    public let window: Window
    /// Where the units come from.
    public let kind: Kind
    /// The units that are left.
    public let remaining: Int64

    /// Creates units on top of a limit.
    public init(
        id: TopUpID,
        limit: String,
        meter: MeterID,
        window: Window,
        kind: Kind,
        remaining: Int64
    ) {
        self.id = id
        self.limit = limit
        self.meter = meter
        self.window = window
        self.kind = kind
        self.remaining = remaining
    }
}
