public import QuotaCalendar
public import QuotaModel

/// A limit as it holds for one tenant (and key), ready to be asked.
///
/// A class, because it is handed on many times with every request, and has many parts.
public final class CompiledLimit: Sendable {
    /// What tells this limit's account from the tenant's others: its name, with the key's id in a
    /// limit of a key.
    public let accountName: String
    /// The name that callers see: `tenant:ai_tokens/month`.
    public let name: String
    /// The limit.
    public let limit: Limit
    /// The organization whose tenants share the limit's account; nil when it is the tenant's own.
    public let organization: OrganizationID?
    /// Where its quantity comes from.
    public let source: LimitStatus.Source
    /// Grows with each change to what the limit was compiled from, and when an override expires.
    public let revision: Int64
    /// What a period's end makes of its units; nil carries nothing, and so does what is no budget.
    public let policy: RolloverPolicy?
    /// The plan that it is of, whose change the policy may look at; nil where it is no plan's.
    public let plan: PlanID?
    /// The quantities that held and hold, where the plan changed; empty where it did not.
    public let steps: [AllowanceStep]
    /// What an override replaces; nil where there is none.
    public let override: OverrideNote?
    /// What the limit is at other instants; nil where it is the same, and for what is no budget.
    let timeline: EntitlementTimeline?
    /// How fast its bucket fills; nil for budgets, allocations and unlimited rates.
    public let rate: TokenBucket.Rate?

    /// Compiles a limit for a tenant, for one of its keys, or for its organization.
    public init(
        _ limit: Limit,
        key: APIKeyID?,
        source: LimitStatus.Source,
        revision: Int64,
        organization: OrganizationID? = nil,
        policy: RolloverPolicy? = nil,
        plan: PlanID? = nil,
        steps: [AllowanceStep] = [],
        override: OverrideNote? = nil,
        timeline: EntitlementTimeline? = nil
    ) {
        self.override = override
        self.limit = limit
        let isBudget = limit.window.kind == .budget
        self.timeline = isBudget ? timeline : nil
        self.policy = isBudget ? policy : nil
        self.plan = plan
        self.steps = isBudget ? steps : []
        self.organization = organization
        self.source = source
        self.revision = revision
        name = limit.name
        accountName = Self.accountName(of: limit, key: key)
        if let window = limit.window.rateNanoseconds, let quantity = limit.quantity,
            let burst = limit.effectiveBurst
        {
            rate = TokenBucket.Rate(
                quantity: quantity, windowNanoseconds: window, burst: burst)
        } else {
            rate = nil
        }
    }

    /// What tells a limit's account from the tenant's others, for one of its keys or for none.
    public static func accountName(of limit: Limit, key: APIKeyID?) -> String {
        guard case .key = limit.scope, let key else { return limit.name }
        return keyNameStart + key.text + keyNameEnd + keylessName(of: limit)
    }

    /// What the name of a key's account begins with; the key's id follows.
    package static let keyNameStart = "key("
    /// What follows the key's id there, before ``keylessName(of:)``.
    package static let keyNameEnd = "):"

    /// What the name of a key's account ends with.
    package static func keylessName(of limit: Limit) -> String {
        "\(limit.meter.text)/\(limit.window.rawValue)"
    }

    /// The limit without what tells tenants and keys apart: one for all that have the same plan.
    ///
    /// No account opens with it.
    public var shared: CompiledLimit {
        CompiledLimit(
            limit, key: nil, source: source, revision: 0, organization: organization,
            policy: policy, plan: plan, steps: steps, override: override)
    }
}

extension CompiledLimit: Hashable {
    /// Whether two limits are of the same parts; what follows from these is not compared.
    public static func == (left: CompiledLimit, right: CompiledLimit) -> Bool {
        left === right
            || left.accountName == right.accountName && left.limit == right.limit
                && left.organization == right.organization && left.source == right.source
                && left.revision == right.revision && left.policy == right.policy
                && left.plan == right.plan && left.steps == right.steps
                && left.override == right.override && left.timeline == right.timeline
    }

    /// Hashes what tells most limits apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(accountName)
        hasher.combine(revision)
    }
}

extension CompiledLimit: CustomStringConvertible {
    /// The name of its account, with the revision: `tenant:ai_tokens/month@3`.
    public var description: String { "\(accountName)@\(revision)" }
}
