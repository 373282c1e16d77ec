public import QuotaModel

/// A rollover with the version of what it was written in.
public struct RolloverPolicy: Hashable, Sendable {
    /// What is carried.
    public let rollover: Rollover
    /// The version of this policy, pinned to each lot carried by it.
    public let version: Int64

    /// Creates a policy.
    public init(_ rollover: Rollover, version: Int64) {
        self.rollover = rollover
        self.version = version
    }

    /// The most units carried from a plan of `allowance` into a period of `nextAllowance`; nil for
    /// any number.
    func mostCarried(allowance: Int64, nextAllowance: Int64) -> Int64? {
        switch rollover.cap {
        case nil: nil
        case .units(let units)?: units
        case .percent(let percent)?:
            Int64(clamping: Int128(allowance) * Int128(percent) / 100)
        case .total(let total)?: max(0, total - nextAllowance)
        }
    }
}
