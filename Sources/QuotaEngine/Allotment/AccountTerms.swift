public import QuotaCalendar
public import QuotaModel

/// What an account has beside what its limit gives: units that were carried or bought, what is
/// owed, and by which policy its period will close.
public struct AccountTerms: Hashable, Sendable {
    /// What the period's end makes of its units; nil carries nothing.
    public var policy: RolloverPolicy?
    /// The plan that the policy is of.
    public var plan: PlanID?
    /// Units that were carried into the period.
    public var carried: [CarriedLot]
    /// Units that were granted or bought on top.
    public var topUps: [TopUp]
    /// Units that were used beyond the period before, and are taken off this one.
    public var owed: Int64
    /// What was used beyond its limit when that became smaller in the period: nobody owes it.
    public var lowered: Int64
    /// What the period's end made of it, as far as it is known; nil while it is open.
    public var closing: Closing?
    /// Whether a reset ended the period: then what was left of it went on at once.
    public var isReset: Bool
    /// What the period opened with, by which it inherits, where that has changed since.
    public var opening: Opening?
    /// How its limit is decided to change until the period's end and with it, in the order of time;
    /// nobody need ask in between.
    public var coming: [Change]
    /// Whether it is decided that the limit will leave something to its next period, which then
    /// counts from the first such period on.
    public var carriesLater: Bool

    /// What a period opened with.
    public struct Opening: Hashable, Sendable {
        /// The units of its limit; nil is unlimited.
        public let allowance: Int64?
        /// Its policy.
        public let policy: RolloverPolicy?
        /// The plan that the policy is of.
        public let plan: PlanID?

        /// Creates an opening.
        public init(allowance: Int64?, policy: RolloverPolicy?, plan: PlanID?) {
            self.allowance = allowance
            self.policy = policy
            self.plan = plan
        }
    }

    /// What a limit is from an instant on, by what is decided.
    public struct Change: Hashable, Sendable {
        /// The first instant at which it is so.
        public let since: Timestamp
        /// The units of its limit in the period; nil is unlimited.
        public let allowance: Int64?
        /// The entitlement revision that they come from.
        public let limitRevision: Int64
        /// Its policy.
        public let policy: RolloverPolicy?
        /// The plan that the policy is of.
        public let plan: PlanID?

        /// Creates a change.
        public init(
            since: Timestamp,
            allowance: Int64?,
            limitRevision: Int64,
            policy: RolloverPolicy?,
            plan: PlanID?
        ) {
            self.since = since
            self.allowance = allowance
            self.limitRevision = limitRevision
            self.policy = policy
            self.plan = plan
        }
    }

    /// What a period's end made of its units.
    public struct Closing: Hashable, Sendable {
        /// Units that went on into the next period, with what is left of top-ups.
        public let carried: Int64
        /// Units that are gone.
        public let expired: Int64
        /// Units that were used beyond what there was when they were used.
        public let overage: Int64

        /// Creates a closing.
        public init(carried: Int64, expired: Int64, overage: Int64) {
            self.carried = carried
            self.expired = expired
            self.overage = overage
        }
    }

    /// Creates terms.
    public init(
        policy: RolloverPolicy? = nil,
        plan: PlanID? = nil,
        carried: [CarriedLot] = [],
        topUps: [TopUp] = [],
        owed: Int64 = 0,
        lowered: Int64 = 0,
        closing: Closing? = nil,
        isReset: Bool = false,
        opening: Opening? = nil,
        coming: [Change] = [],
        carriesLater: Bool = false
    ) {
        self.policy = policy
        self.plan = plan
        self.carried = carried
        self.topUps = topUps
        self.owed = owed
        self.lowered = lowered
        self.closing = closing
        self.isReset = isReset
        self.opening = opening
        self.coming = coming
        self.carriesLater = carriesLater
    }

    /// Takes another policy in the middle of a period, of which it opened with `allowance`.
    public mutating func change(
        policy: RolloverPolicy?,
        plan: PlanID?,
        from allowance: Int64?
    ) {
        if opening == nil {
            opening = Opening(allowance: allowance, policy: self.policy, plan: self.plan)
        }
        self.policy = policy
        self.plan = plan
    }

    /// Takes note of a limit that changed: what was used lawfully is no debt afterwards.
    ///
    /// A limit that grows again takes back what it had lowered first.
    public mutating func lower(from before: Account, to after: Account) {
        func beyond(_ account: Account) -> Int128 { max(0, -Int128(account.available)) }
        lowered = Int64(clamping: max(0, Int128(lowered) + beyond(after) - beyond(before)))
    }

    /// Whether an account with these terms is like one without any.
    public var isEmpty: Bool {
        policy == nil && carried.isEmpty && topUps.isEmpty && owed == 0 && lowered == 0
            && closing == nil && !isReset && opening?.policy == nil && coming.isEmpty
            && !carriesLater
    }

    /// The units on top of what the limit gives; negative when more is owed.
    public var extra: Int64 {
        let sum =
            carried.reduce(Int128(0)) { $0 + Int128($1.units) }
            + topUps.reduce(Int128(0)) { $0 + Int128($1.units) } - Int128(owed)
        return Int64(clamping: sum)
    }

    /// When the next top-up expires; nil when none will.
    public var nextExpiry: Timestamp? {
        topUps.lazy.filter { !$0.hasLapsed }.compactMap(\.expiresAt).min()
    }
}

/// Which units a use was taken from.
struct BurnedUnits {
    /// Units of the limit and of what was carried, whose order is the policy's.
    var ofPlan: Int64
    /// Units of each top-up, in the order of the account's.
    var ofTopUps: [Int64]
    /// Units beyond all of them.
    var overage: Int64
}

extension AccountTerms {
    /// Splits what was used over what there was.
    ///
    /// What has expired comes first, since only what was used of it is left; then what is owed,
    /// top-ups before the plan, the plan with what was carried, and the other top-ups. Among
    /// top-ups the lower priority comes first, then the earlier expiry.
    func burn(_ used: Int64, allowance: Int64) -> BurnedUnits {
        var burned = BurnedUnits(
            ofPlan: 0, ofTopUps: Array(repeating: 0, count: topUps.count), overage: 0)
        var rest = Int128(used) + Int128(owed)
        func take(_ units: Int128) -> Int64 {
            let taken = max(0, min(rest, units))
            rest -= taken
            return Int64(clamping: taken)
        }
        let order = topUps.indices.sorted { topUps[$0].place < topUps[$1].place }
        for index in order where topUps[index].comesBeforePlan {
            burned.ofTopUps[index] = take(Int128(topUps[index].units))
        }
        let carriedUnits = carried.reduce(Int128(0)) { $0 + Int128($1.units) }
        burned.ofPlan = take(Int128(allowance) + carriedUnits)
        for index in order where !topUps[index].comesBeforePlan {
            burned.ofTopUps[index] = take(Int128(topUps[index].units))
        }
        burned.overage = Int64(clamping: rest)
        return burned
    }

    /// Lets top-ups expire whose time has passed; of each stays what is used of it.
    ///
    /// - Parameters:
    ///   - now: the ledger's time.
    ///   - used: what is settled, held, leased or suspect; what is leased may still be used.
    ///   - allowance: the units of the limit; nil is unlimited, and then nothing of them is used.
    /// - Returns: whether any did.
    public mutating func lapse(at now: Timestamp, used: Int64, allowance: Int64?) -> Bool {
        guard let next = nextExpiry, next <= now else { return false }
        let burned = burn(allowance == nil ? 0 : used, allowance: allowance ?? .max)
        for index in topUps.indices
        where !topUps[index].hasLapsed && topUps[index].expiresAt.map({ $0 <= now }) ?? false {
            topUps[index].units = burned.ofTopUps[index]
            topUps[index].hasLapsed = true
        }
        return true
    }

    /// Lets what came back to top-ups that have expired expire as well.
    ///
    /// - Returns: whether anything did.
    public mutating func lapseAgain(used: Int64, allowance: Int64) -> Bool {
        let burned = burn(used, allowance: allowance)
        var isChanged = false
        for index in topUps.indices
        where topUps[index].hasLapsed && topUps[index].units > burned.ofTopUps[index] {
            topUps[index].units = burned.ofTopUps[index]
            isChanged = true
        }
        return isChanged
    }

    /// Lets what is left of one top-up expire, whatever its time.
    public mutating func revoke(at index: Int, used: Int64, allowance: Int64?) {
        let burned = burn(allowance == nil ? 0 : used, allowance: allowance ?? .max)
        topUps[index].units = burned.ofTopUps[index]
        topUps[index].hasLapsed = true
    }

    /// The units left of each top-up when so much is used, in the order of the account's.
    public func left(used: Int64, allowance: Int64?) -> [Int64] {
        let burned = burn(allowance == nil ? 0 : used, allowance: allowance ?? .max)
        return zip(topUps, burned.ofTopUps).map { $0.hasLapsed ? 0 : $0.units - $1 }
    }
}

extension TopUp {
    fileprivate var comesBeforePlan: Bool { hasLapsed || priority < Self.planPriority }

    /// Where it stands among the others.
    fileprivate var place: (Int, Int, Timestamp, Timestamp, TopUpID) {
        (hasLapsed ? 0 : 1, priority, expiresAt ?? .distantFuture, grantedAt, id)
    }
}
