public import QuotaEngine
public import QuotaModel

/// A grant that a node holds for one of its tenants, as the ledger keeps it.
///
/// Its id's holder and incarnation are those of the node.
public struct LeaseRecord: Hashable, Sendable {
    /// The account the units come from.
    public let account: AccountID
    /// What is counted.
    public let meter: MeterID
    /// The tenant that may spend it; the account may be one of its organization.
    public let tenant: TenantID
    /// The grant.
    public var grant: Grant
    /// Use that the holder reports of it and that does not count, cumulative: of reservations that
    /// the ledger had ended by then.
    public var yielded: Int64
    /// The same of its overage.
    public var yieldedOverage: Int64

    /// Creates a record.
    public init(
        account: AccountID,
        meter: MeterID,
        tenant: TenantID,
        grant: Grant,
        yielded: Int64 = 0,
        yieldedOverage: Int64 = 0
    ) {
        self.account = account
        self.meter = meter
        self.tenant = tenant
        self.grant = grant
        self.yielded = yielded
        self.yieldedOverage = yieldedOverage
    }

    /// What the holder has reported to be used of it.
    public var reportedUse: Int64 { grant.posted + yielded }

    /// What the holder has reported to be used beyond what was held of it.
    public var reportedOverage: Int64 { grant.overage + yieldedOverage }

    /// The life of the node that holds it.
    public var holder: Holder {
        Holder(name: grant.id.holder, incarnation: grant.id.incarnation)
    }
}

/// Who shares an account: a node counts once for each of its tenants.
struct LeaseShare: Hashable {
    let account: AccountID
    let holder: Holder
    let tenant: TenantID
}

extension LeaseRecord {
    var share: LeaseShare { LeaseShare(account: account, holder: holder, tenant: tenant) }
}

/// The part of a lease that a reservation holds.
public struct HeldPiece: Hashable, Sendable {
    /// The lease.
    public let lease: GrantID
    /// The units.
    public let units: Int64

    /// Creates a piece.
    public init(lease: GrantID, units: Int64) {
        self.lease = lease
        self.units = units
    }
}
