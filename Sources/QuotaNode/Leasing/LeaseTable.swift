import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// A node's leases and reservations, and the decisions that are made on them: pure, without clock,
/// ledger and journal.
///
/// Everything of one tenant lies together, so that all limits of a request are looked at, and taken
/// from, in one step. What has to be written down comes out as ``JournalEntry`` values; they must
/// be in the journal before anybody hears of the decision.
package struct LeaseTable: Sendable {
    /// What a node knows of one tenant.
    package struct TenantState: Sendable {
        /// By limit.
        package internal(set) var accounts: [AccountKey: LeasedAccount] = [:]
        /// The buckets of its own rates.
        var buckets: [AccountKey: RateBucket] = [:]
        /// The organization whose limits it shares.
        var organization: OrganizationID?
        /// Open reservations.
        package internal(set) var holds: [ReservationID: Hold] = [:]
        /// What they hold at once; nil until a limit asks.
        var slots: HeldSlots?
        /// Until when no lanes are opened, on the steady clock: there were too many.
        var isCrowdedUntil = Timestamp.distantPast
        /// The draw that is under way.
        package internal(set) var draw: DrawCommand?

        /// Changes one of the leases.
        mutating func change(_ lease: GrantID, _ body: (inout HeldLease) -> Void) {
            let key = accounts.first { $0.value.leases.contains { $0.id == lease } }?.key
            if let key { accounts[key]?.change(lease, body) }
        }

        /// Whether nothing would be lost with it.
        func isIdle(_ steady: Timestamp) -> Bool {
            draw == nil && holds.isEmpty && accounts.values.allSatisfy { $0.leases.isEmpty }
                && buckets.values.allSatisfy { $0.isFull(steady) }
        }
    }

    /// The life of the node.
    package let holder: Holder
    /// How often the node was silent for too long.
    package internal(set) var epoch: Int64 = 0
    /// When leases can't be spent any more unless the ledger is heard of, on the steady clock.
    package internal(set) var lapsesAt = Timestamp.distantPast
    /// Whether another life has begun.
    var isFenced = false
    /// By tenant.
    var tenants: TenantStates
    /// The buckets of rates that the tenants of an organization share.
    var sharedBuckets: [AccountKey: RateBucket] = [:]
    /// Whose open reservations are held here.
    package internal(set) var reservations: [ReservationID: TenantID] = [:]
    /// How often accounts that an organization's tenants share may have grown; as many as there are
    /// such accounts.
    var growth: [AccountKey: Int64] = [:]
    /// The tenants whose leases were the last that an account had.
    package internal(set) var drained: Set<TenantID> = []
    /// When the first period of a lease ends; later than that once it is looked for again.
    var nextEnd = Timestamp.distantFuture
    /// Where leases are of which the ledger will tell something: that are closed, or of which more
    /// was used than was held.
    var places: [GrantID: LeasePlace] = [:]
    /// Rules that are left out; only tests leave out any.
    let omitted: OmittedRules

    /// How long a lease that nobody uses is kept: a minute, in nanoseconds.
    ///
    /// Who asks once in a while costs no call to the ledger then.
    package static let idleNanoseconds: Int64 = 60_000_000_000

    /// The leases of a new life.
    ///
    /// - Parameters:
    ///   - holder: the life.
    ///   - random: unpredictable bits.
    ///   - omitted: rules that a test leaves out.
    package init(holder: Holder, random: () -> UInt64 = { 1 }, omitted: OmittedRules = []) {
        self.init(holder: holder, hash: TenantHash(random: random), omitted: omitted)
    }

    init(holder: Holder, hash: TenantHash, omitted: OmittedRules = []) {
        self.holder = holder
        self.omitted = omitted
        tenants = TenantStates(holder: holder, hash: hash)
    }

    /// The ledger has answered a call that was sent at `sentAt`, on the steady clock: it will not
    /// take the node for silent for as long.
    package mutating func acknowledge(sentAt: Timestamp) {
        if isFenced { return }
        let lapse = sentAt.adding(nanoseconds: HolderRecord.silenceNanoseconds)
        lapsesAt = max(lapsesAt, lapse)
    }

    /// The node is over: nothing is spent any more.
    package mutating func fence() {
        isFenced = true
        lapsesAt = .distantPast
    }

    /// The ledger has taken the node for silent: leases of before can't be spent.
    package mutating func enter(epoch: Int64) {
        if epoch <= self.epoch { return }
        self.epoch = epoch
        tenants.settleAll()
    }

    /// Takes a tenant's state out, so that it is changed without being copied; put it back.
    mutating func take(_ tenant: TenantID) -> TenantState {
        tenants.take(tenant)
    }

    /// Puts a tenant's state back.
    mutating func put(_ state: consuming TenantState, _ tenant: TenantID) {
        tenants.put(state, tenant)
    }

    /// What is known of a tenant, for who only looks.
    package func state(of tenant: TenantID) -> TenantState? {
        var copy = tenants
        return copy[tenant]
    }

    /// Accounts have more than they had: what was refused may pass now.
    package mutating func forgetRefusals(of grown: [AccountKey: Int64], tenant: TenantID) {
        for (key, version) in grown {
            guard let refusal = tenants[tenant]?.accounts[key]?.refusal,
                refusal.version < version
            else { continue }
            tenants[tenant]?.accounts[key]?.refusal = nil
        }
    }
}

/// Where a lease is.
struct LeasePlace: Hashable, Sendable {
    let tenant: TenantID
    let account: AccountKey
}
