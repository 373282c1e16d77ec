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

    /// Creates a record.
    public init(account: AccountID, meter: MeterID, tenant: TenantID, grant: Grant) {
        self.account = account
        self.meter = meter
        self.tenant = tenant
        self.grant = grant
    }

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
