/// The window of a limit: how often its allowance starts anew.
public enum Window: String, Hashable, Sendable, CaseIterable {
    /// A token bucket over one second.
    case second
    /// A token bucket over one minute.
    case minute
    /// A token bucket over one hour.
    case hour
    /// A calendar day in the tenant's time zone.
    case day
    /// A calendar week from Monday in the tenant's time zone.
    case week
    /// A month by the tenant's billing anchor and time zone.
    case month
    /// A year by the tenant's billing anchor and time zone.
    case year
    /// From the first use, without an end.
    case lifetime
    /// An allocation (seats, projects, storage): released, never reset.
    case none
    /// What open reservations hold at once: free again when they end.
    case concurrent

    /// What a window of this length is enforced by.
    public enum Kind: Hashable, Sendable {
        /// A token bucket.
        case rate
        /// An account per period.
        case budget
        /// One account whose units are given back.
        case allocation
        /// A count of what is held.
        case concurrency
    }

    /// What limits of this window are.
    public var kind: Kind {
        switch self {
        case .second, .minute, .hour: .rate
        case .day, .week, .month, .year, .lifetime: .budget
        case .none: .allocation
        case .concurrent: .concurrency
        }
    }

    /// Whether the ledger keeps an account of such a limit.
    public var hasAccount: Bool { kind == .budget || kind == .allocation }

    /// The length of a rate's window in nanoseconds; nil for budgets and allocations.
    public var rateNanoseconds: Int64? {
        switch self {
        case .second: 1_000_000_000
        case .minute: 60_000_000_000
        case .hour: 3_600_000_000_000
        default: nil
        }
    }
}
