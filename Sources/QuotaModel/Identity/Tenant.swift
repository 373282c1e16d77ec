/// A customer of the product: the subject of plans, limits and bills.
public struct Tenant: Hashable, Sendable {
    /// Whether a tenant may use anything.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// May use what its plan allows.
        case active
        /// Refused until it is active again.
        case suspended
        /// Gone; its ledger is kept.
        case closed
    }

    /// How long a billing period lasts.
    public enum BillingInterval: String, Hashable, Sendable, CaseIterable {
        /// Seven days from the billing anchor, or from Monday.
        case week
        /// A month from the billing anchor.
        case month
        /// A year from the billing anchor.
        case year

        /// The window of the limits whose periods are the billing periods.
        public var window: Window {
            switch self {
            case .week: .week
            case .month: .month
            case .year: .year
            }
        }
    }

    /// The most boundaries that can be listed one by one: 83 years of months.
    public static let maximumBoundaries = 1_000

    /// The id, chosen by the product.
    public let id: TenantID
    /// The name for people.
    public var name: String
    /// The plan before all ``planSteps``, as it was named; it may not exist (then the fallback's
    /// limits hold).
    public var firstPlan: PlanID
    /// How the plan changed and will change, in the order of time.
    public internal(set) var planSteps: [PlanStep]
    /// The organization it belongs to.
    public var organization: String?
    /// The IANA name of its time zone.
    public var timeZone: String
    /// Where billing periods begin; nil for those of the calendar.
    public var billingAnchor: LocalDateTime?
    /// How long a billing period lasts.
    public var billingInterval: BillingInterval
    /// The local times at which billing periods begin, where no rule describes them.
    ///
    /// Before the first and from the last on the rule holds; empty for none.
    public var billingBoundaries: [LocalDateTime]
    /// Whether it may use anything.
    public var status: Status
    /// The ISO 4217 code its bills are in.
    public var currency: String
    /// When it was created.
    public var createdAt: Timestamp
    /// The ledger's revision at which this form was written.
    public var revision: Int64

    /// Creates a tenant; the defaults are calendar months in UTC, active, US dollars.
    public init(
        id: TenantID,
        name: String? = nil,
        plan: PlanID = .fallback,
        organization: String? = nil,
        timeZone: String = "UTC",
        billingAnchor: LocalDateTime? = nil,
        billingInterval: BillingInterval = .month,
        billingBoundaries: [LocalDateTime] = [],
        status: Status = .active,
        currency: String = "USD",
        createdAt: Timestamp,
        planSteps: [PlanStep] = [],
        revision: Int64 = 0
    ) {
        self.id = id
        self.name = name ?? id.text
        firstPlan = plan
        self.planSteps = planSteps
        self.organization = organization
        self.timeZone = timeZone
        self.billingAnchor = billingAnchor
        self.billingInterval = billingInterval
        self.billingBoundaries = billingBoundaries
        self.status = status
        self.currency = currency
        self.createdAt = createdAt
        self.revision = revision
    }
}
