public import QuotaEngine
public import QuotaModel

/// Which limit of which tenant an account belongs to.
public struct AccountKey: Hashable, Sendable {
    /// The tenant.
    public let tenant: TenantID
    /// The limit, with the key's id where it is a key's: see ``CompiledLimit/accountName``.
    public let limit: ExactString

    /// Creates a key.
    public init(tenant: TenantID, limit: String) {
        self.tenant = tenant
        self.limit = ExactString(limit)
    }
}

extension AccountKey {
    /// What stands for a tenant in the accounts that an organization's tenants share.
    ///
    /// No tenant's id can be the same, since ids have no control characters.
    public static func owner(of organization: OrganizationID) -> TenantID {
        TenantID(trusted: "\u{1}" + organization.text)
    }

    /// The organization whose account it is; nil for a tenant's own.
    public var organization: OrganizationID? {
        guard tenant.text.utf8.first == 1 else { return nil }
        return OrganizationID(trusted: String(tenant.text.dropFirst()))
    }
}

extension CompiledLimit {
    /// The account of this limit for a tenant.
    public func accountKey(of tenant: TenantID) -> AccountKey {
        AccountKey(tenant: organization.map(AccountKey.owner) ?? tenant, limit: accountName)
    }
}

/// One account: a limit in one period.
public struct AccountID: Hashable, Sendable {
    /// The limit.
    public let key: AccountKey
    /// The start of the period.
    public let periodStart: Timestamp

    /// Creates an id.
    public init(key: AccountKey, periodStart: Timestamp) {
        self.key = key
        self.periodStart = periodStart
    }
}

/// An account as the ledger keeps it.
public struct AccountRecord: Hashable, Sendable {
    /// The limit.
    public let key: AccountKey
    /// What is counted.
    public let meter: MeterID
    /// The window whose period this is.
    public let window: Window
    /// Whether all use of the tenant counts here, not only a key's or a model's.
    public let isTenantScope: Bool
    /// The period, with its index in its rule.
    public let period: Period
    /// The rule the period was computed by: zone, anchor, interval and window, for people and
    /// disputes.
    public let rule: String
    /// What it has beside what its limit gives; nil when that is nothing.
    public var terms: AccountTerms?
    /// The percentages of its capacity at which somebody is told.
    public var thresholds: PercentSet
    /// What was told of it.
    public var told: PercentSet
    /// The balances.
    public var account: Account

    /// Creates a record.
    public init(
        key: AccountKey,
        meter: MeterID,
        window: Window,
        isTenantScope: Bool,
        period: Period,
        rule: String,
        terms: AccountTerms? = nil,
        thresholds: PercentSet = AccountRecord.usualThresholds,
        told: PercentSet = PercentSet(),
        account: Account
    ) {
        self.thresholds = thresholds
        self.told = told
        self.terms = terms
        self.key = key
        self.meter = meter
        self.window = window
        self.isTenantScope = isTenantScope
        self.period = period
        self.rule = rule
        self.account = account
    }

    /// The same account with a period that ends early.
    func ending(at instant: Timestamp) -> AccountRecord {
        AccountRecord(
            key: key, meter: meter, window: window, isTenantScope: isTenantScope,
            period: Period(start: period.start, end: instant, index: period.index), rule: rule,
            terms: terms, thresholds: thresholds, told: told, account: account)
    }

    /// Replaces the terms, and the units on top with them.
    mutating func setTerms(_ terms: AccountTerms) throws(AccountError) {
        try account.setExtra(terms.extra)
        self.terms = terms.isEmpty ? nil : terms
    }

    /// Lets everything come that was decided for until an instant: the limit changes, and top-ups
    /// expire, each by the limit of then.
    mutating func advance(to now: Timestamp) throws(AccountError) {
        guard account.state == .open, var changed = terms else { return }
        // What comes with the next period is of that.
        let now = min(now, period.end.adding(nanoseconds: -1))
        while let next = changed.coming.first, next.since <= now {
            _ = changed.lapse(at: next.since, used: account.used, allowance: account.allowance)
            changed.change(policy: next.policy, plan: next.plan, from: account.allowance)
            changed.coming.removeFirst()
            try account.setExtra(changed.extra)
            let before = account
            try account.setQuantity(next.allowance, limitRevision: next.limitRevision)
            changed.lower(from: before, to: account)
        }
        _ = changed.lapse(at: now, used: account.used, allowance: account.allowance)
        try setTerms(changed)
    }

    /// Takes what came back to top-ups that have expired: until then it counted as used of them.
    ///
    /// What is credited is no such thing, and stays.
    ///
    /// - Parameter before: the account as it was before units came back.
    mutating func lapseAgain(since before: Account) {
        guard account.state == .open, account.used < before.used,
            account.posted >= before.posted, let allowance = account.allowance,
            var changed = terms, changed.lapseAgain(used: account.used, allowance: allowance)
        else { return }
        try? setTerms(changed)
    }

    /// When it changes next by what is decided: a top-up expires, or its limit is another; nil when
    /// nothing will in its period, or that is over.
    package var nextChange: Timestamp? {
        guard account.state == .open, let terms else { return nil }
        let change = terms.coming.first?.since
        return [terms.nextExpiry, change.flatMap { $0 < period.end ? $0 : nil }]
            .compactMap(\.self).min()
    }

    /// The thresholds of a limit that says nothing of them.
    public static let usualThresholds = PercentSet([80])

    /// The account's id.
    public var id: AccountID { AccountID(key: key, periodStart: period.start) }
}

/// An account whose period is closed, as it was then.
public struct ArchiveRecord: Hashable, Sendable {
    /// The account; its balances never change again.
    public let record: AccountRecord
    /// When it closed.
    public let closedAt: Timestamp
    /// Whether the time is over for which it is kept in full.
    public let isCondensed: Bool

    /// Creates an archive.
    public init(record: AccountRecord, closedAt: Timestamp, isCondensed: Bool = false) {
        self.record = record
        self.closedAt = closedAt
        self.isCondensed = isCondensed
    }

    /// What is kept for good: all balances, and what its end made of it.
    ///
    /// Gone is what only a dispute about the period needs: by which policy it closed, which lots
    /// and top-ups it had, and of which thresholds was told. The last period of a limit keeps
    /// that, since the next one begins with it, whenever that is.
    ///
    /// - Parameter isLast: whether no later period of its limit is known.
    /// - Returns: that form.
    func condensed(isLast: Bool) -> ArchiveRecord {
        var record = record
        if !isLast {
            record.terms = record.terms.flatMap(\.closing).map { AccountTerms(closing: $0) }
            record.thresholds = AccountRecord.usualThresholds
            record.told = PercentSet()
        }
        return ArchiveRecord(record: record, closedAt: closedAt, isCondensed: true)
    }
}
