public import QuotaEngine
public import QuotaModel

/// A grant with units of which nobody knows whether they were used.
public struct SuspectGrant: Hashable, Sendable {
    /// What held its units.
    public enum Holding: Hashable, Sendable {
        /// A reservation whose time passed, or whose period closed.
        case reservation(ReservationID)
        /// A life of a node: a live one is silent and may still report, so that only a lease of one
        /// that is over can be resolved.
        case node(Holder, HolderRecord.State)
    }

    /// The grant: one of a reservation, or a lease.
    public let grant: Grant
    /// The account the units come from.
    public let account: AccountID
    /// What is counted.
    public let meter: MeterID
    /// Whose units it held.
    public let tenant: TenantID
    /// What held them.
    public let holding: Holding

    /// Creates a record.
    public init(
        grant: Grant,
        account: AccountID,
        meter: MeterID,
        tenant: TenantID,
        holding: Holding
    ) {
        self.grant = grant
        self.account = account
        self.meter = meter
        self.tenant = tenant
        self.holding = holding
    }

    /// A grant of a reservation.
    package init(_ record: GrantRecord, tenant: TenantID) {
        self.init(
            grant: record.grant, account: record.account, meter: record.meter, tenant: tenant,
            holding: .reservation(record.reservation))
    }

    /// A lease.
    package init(_ lease: LeaseRecord, _ state: HolderRecord.State) {
        self.init(
            grant: lease.grant, account: lease.account, meter: lease.meter, tenant: lease.tenant,
            holding: .node(lease.holder, state))
    }
}
