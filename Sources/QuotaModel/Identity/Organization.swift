/// Several tenants that share limits: the departments of a customer, the accounts of a reseller.
public struct Organization: Hashable, Sendable {
    /// The id, chosen by the product; tenants name it.
    public let id: OrganizationID
    /// The name for people.
    public var name: String
    /// The limits over all use of its tenants; each has the scope ``LimitScope/organization``.
    public var limits: [Limit]
    /// The IANA name of the time zone of its periods.
    public var timeZone: String
    /// Where billing periods begin; nil for calendar months and years.
    public var billingAnchor: LocalDateTime?
    /// How long a billing period lasts.
    public var billingInterval: Tenant.BillingInterval
    /// The local times at which billing periods begin, one by one; see ``Tenant``.
    public var billingBoundaries: [LocalDateTime]
    /// When it was created.
    public var createdAt: Timestamp
    /// The ledger's revision at which this form was written.
    public var revision: Int64

    /// Creates an organization; the defaults are no limits, calendar months in UTC.
    public init(
        id: OrganizationID,
        name: String? = nil,
        limits: [Limit] = [],
        timeZone: String = "UTC",
        billingAnchor: LocalDateTime? = nil,
        billingInterval: Tenant.BillingInterval = .month,
        billingBoundaries: [LocalDateTime] = [],
        createdAt: Timestamp,
        revision: Int64 = 0
    ) {
        self.id = id
        self.name = name ?? id.text
        self.limits = limits
        self.timeZone = timeZone
        self.billingAnchor = billingAnchor
        self.billingInterval = billingInterval
        self.billingBoundaries = billingBoundaries
        self.createdAt = createdAt
        self.revision = revision
    }
}
