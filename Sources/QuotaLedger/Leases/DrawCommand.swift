public import QuotaCalendar
public import QuotaEngine
public import QuotaModel

/// Units that a holder gives back from a lease.
public struct LeaseReturn: Hashable, Sendable {
    /// The lease.
    public let lease: GrantID
    /// The units given back since it was made: cumulative, so that a repeat does no harm.
    public let returned: Int64

    /// Creates a return.
    public init(lease: GrantID, returned: Int64) {
        self.lease = lease
        self.returned = returned
    }
}

/// A slice of an account that a holder wants.
public struct LeaseWant: Hashable, Sendable {
    /// The budget, with what one request needs now.
    public let demand: Demand
    /// What the holder would like.
    public let wanted: Int64
    /// The id of the lease, chosen by the holder.
    public let lease: GrantID

    /// Creates a want.
    public init(demand: Demand, wanted: Int64, lease: GrantID) {
        self.demand = demand
        self.wanted = wanted
        self.lease = lease
    }
}

/// Moves units between the accounts of a tenant and the leases of a holder: what it gives back
/// first, then all slices that one request needs, or none.
///
/// Without wants it only gives back, and says that the holder lives.
public struct DrawCommand: Sendable {
    /// Who asks.
    public let holder: Holder
    /// How often the holder knows to have been silent.
    public let epoch: Int64
    /// The smallest sequence of a lease that the holder waits for.
    public let floor: Int64
    /// Whose units.
    public let tenant: TenantID
    /// The tenant's periods.
    public let calendar: TenantCalendar
    /// The periods of its organization, where that has limits.
    public let organizationCalendar: TenantCalendar?
    /// What is given back.
    public let returns: [LeaseReturn]
    /// What is wanted.
    public let wants: [LeaseWant]
    /// Whether limits refuse.
    public let isEnforced: Bool

    /// Creates a command.
    public init(
        holder: Holder,
        epoch: Int64,
        floor: Int64,
        tenant: TenantID,
        calendar: TenantCalendar,
        organizationCalendar: TenantCalendar? = nil,
        returns: [LeaseReturn] = [],
        wants: [LeaseWant] = [],
        isEnforced: Bool = true
    ) {
        self.holder = holder
        self.epoch = epoch
        self.floor = floor
        self.tenant = tenant
        self.calendar = calendar
        self.organizationCalendar = organizationCalendar
        self.returns = returns
        self.wants = wants
        self.isEnforced = isEnforced
    }
}

/// An account as a holder has to see it: with its own leases told apart.
public struct AccountSnapshot: Hashable, Sendable {
    /// The tenant whose leases are told apart.
    public let tenant: TenantID
    /// The limit.
    public let key: AccountKey
    /// The period.
    public let period: Period
    /// The balances.
    public let account: Account
    /// The holder's leases for the tenant that are not closed, as the ledger knows them.
    public let leases: [Grant]
    /// The ledger's time when it told this: its clock says whether the period is over, not the
    /// holder's.
    public let at: Timestamp
    /// Grows with every change of the ledger: of two snapshots the larger is newer.
    public let order: Int64

    /// Creates a snapshot.
    public init(
        tenant: TenantID,
        key: AccountKey,
        period: Period,
        account: Account,
        leases: [Grant],
        at: Timestamp,
        order: Int64
    ) {
        self.at = at
        self.tenant = tenant
        self.key = key
        self.period = period
        self.account = account
        self.leases = leases
        self.order = order
    }
}

/// The answer to a ``DrawCommand``.
public enum DrawAnswer: Hashable, Sendable {
    /// The leases, one for each want, with the accounts they come from.
    case granted([Grant], accounts: [AccountSnapshot])
    /// A limit has too little; the accounts of all wants, and which of them refuse.
    case refused([Violation], accounts: [AccountSnapshot], recalls: [AccountKey])
    /// The holder is not the newest life of its node, or is over: it gets nothing any more.
    case fenced
    /// The holder was silent for too long: its older leases can't be spent; it may ask again in
    /// this epoch.
    case silent(epoch: Int64)
    /// A limit was changed since: it has to be read again.
    case outdated
    /// A lease was closed, or its sequence given up, before it was asked for again.
    case stale
    /// A balance would leave its range.
    case outOfRange
}
