/// Something about a limit or a plan that its tenant or an operator should hear of.
public struct QuotaNotification: Hashable, Sendable {
    /// What happened.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Use of a limit came to one of its thresholds.
        case thresholdReached = "quota.threshold_reached"
        /// A limit is used up.
        case exhausted = "quota.exhausted"
        /// A limit that was used up has room again.
        case recovered = "quota.recovered"
        /// A period is over, and the next one begins; written where something was told of it, where
        /// it was ended by hand, and where a webhook endpoint names this event.
        case reset = "quota.reset"
        /// An override ends soon.
        case overrideExpiring = "override.expiring"
        /// A trial ends soon.
        case trialEnding = "trial.ending"
    }

    /// The use of a limit at that moment.
    public struct Use: Hashable, Sendable {
        /// The units allowed; nil is unlimited.
        public let quantity: Int64?
        /// Settled and suspect units.
        public let used: Int64
        /// The threshold, in percent; nil where none was reached.
        public let percent: Int?
        /// The period; nil for what has none.
        public let period: Period?

        /// Creates figures.
        public init(quantity: Int64?, used: Int64, percent: Int? = nil, period: Period? = nil) {
            self.quantity = quantity
            self.used = used
            self.percent = percent
            self.period = period
        }
    }

    /// Counts the notifications of a ledger.
    public let number: Int64
    /// What happened.
    public let kind: Kind
    /// When.
    public let at: Timestamp
    /// Whose limit; nil for one of an organization.
    public let tenant: TenantID?
    /// The organization whose limit it is; nil for a tenant's own.
    public let organization: OrganizationID?
    /// The limit's name, with the key's id where it is a key's; nil for a plan.
    public let limit: String?
    /// What is counted.
    public let meter: MeterID?
    /// Over what time.
    public let window: Window?
    /// The use of the limit.
    public let use: Use?
    /// The plan of a trial.
    public let plan: PlanID?
    /// When the override or the trial ends.
    public let endsAt: Timestamp?

    /// Creates a notification.
    public init(
        number: Int64,
        kind: Kind,
        at: Timestamp,
        tenant: TenantID?,
        organization: OrganizationID? = nil,
        limit: String? = nil,
        meter: MeterID? = nil,
        window: Window? = nil,
        use: Use? = nil,
        plan: PlanID? = nil,
        endsAt: Timestamp? = nil
    ) {
        self.number = number
        self.kind = kind
        self.at = at
        self.tenant = tenant
        self.organization = organization
        self.limit = limit
        self.meter = meter
        self.window = window
        self.use = use
        self.plan = plan
        self.endsAt = endsAt
    }

    /// Whether another tells of the end of the same thing at the same instant.
    package func tellsSameEnd(as other: QuotaNotification) -> Bool {
        kind == other.kind && tenant == other.tenant && limit == other.limit
            && endsAt == other.endsAt
    }

    /// What receivers tell repeats by: the same for every delivery of this notification, and of no
    /// other, also after the ledger was restored from a backup.
    public var id: String {
        "msg_\(String(at.nanoseconds.magnitude, radix: 36))_\(String(number, radix: 36))"
    }

    /// The number that an id would be of; who has found that notification compares its ``id``.
    package static func number(ofID id: String) -> Int64? {
        let parts = id.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Int64(parts[2], radix: 36), number > 0 else {
            return nil
        }
        return number
    }
}
