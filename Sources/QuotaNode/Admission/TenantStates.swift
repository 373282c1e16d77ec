import QuotaEngine
import QuotaLedger
package import QuotaModel

/// What a node knows of its tenants, with the lanes on which ordinary requests are decided.
///
/// What was taken on lanes is settled before anybody else sees a tenant: every access but
/// ``peek(_:)`` does it. So the rest of ``LeaseTable`` need not know of lanes.
package struct TenantStates: Sendable {
    package typealias State = LeaseTable.TenantState

    private var states: [TenantID: State] = [:]
    private(set) var lanes = Lanes()
    /// Buckets that the ledger has not seen as they are.
    var changedBuckets: Set<AccountKey> = []
    private let hash: TenantHash

    init(hash: TenantHash) { self.hash = hash }

    /// What is known of a tenant.
    package subscript(tenant: TenantID) -> State? {
        mutating get {
            settle(tenant)
            return states[tenant]
        }
        _modify {
            settle(tenant)
            yield &states[tenant]
            if states[tenant] == nil { lanes.closeAll(of: tenant, hash(tenant.exact)) }
        }
    }

    /// What is known of a tenant, which is made known.
    subscript(tenant: TenantID, default state: @autoclosure () -> State) -> State {
        mutating get { self[tenant] ?? state() }
        _modify {
            settle(tenant)
            yield &states[tenant, default: state()]
        }
    }

    /// What is known of a tenant, apart from what is used of its leases and missing in its buckets.
    func peek(_ tenant: TenantID) -> State? { states[tenant] }

    /// All tenants.
    var ids: Dictionary<TenantID, State>.Keys { states.keys }

    /// Whether something is known of a tenant.
    func contains(_ tenant: TenantID) -> Bool { states[tenant] != nil }

    // MARK: Lanes

    /// The lane of a request.
    func place(of request: LaneRequest) -> Int? {
        lanes.lane(of: request, hash(request.tenant.exact))
    }

    /// Whether the lane of a request was compiled from something older.
    func isOutdated(_ request: LaneRequest, _ hash: UInt64, _ validUntil: Timestamp) -> Bool {
        guard let place = lanes.lane(of: request, hash) else { return true }
        return lanes.lanes[place].validUntil != validUntil
    }

    /// Takes units on a lane that admits them.
    @inline(__always)
    mutating func take(_ place: Int, _ amounts: LaneAmounts, steady: Timestamp) {
        lanes.take(place, amounts, steady: steady)
    }

    /// Changes the names of a lane's meters.
    @inline(__always)
    mutating func withNames<Result, Failure>(
        _ place: Int,
        _ body: (inout InlineArray<2, NumberedName>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lanes.withNames(place, body)
    }

    /// The name of a meter's use on a lane whose cells are armed.
    func name(_ place: Int, _ meter: Int) -> JournalName? {
        guard let shape = lanes.shapes[place] else { return nil }
        return shape.name(
            of: meter, leases: leases(place, shape, meter).map { .init(sequence: $0.0.sequence, account: $0.1) })
    }

    /// The leases that a meter's use on a lane is taken from.
    func leases(_ place: Int, _ shape: LaneShape, _ meter: Int) -> [(GrantID, AccountKey)] {
        shape.limits.indices.compactMap { index in
            let cell = lanes.lanes[place].cells[index]
            guard shape.meterOfLimit[index] == meter, cell.isBudget,
                let lease = lanes.homes[cell.place].lease
            else { return nil }
            return (lease, shape.accounts[index])
        }
    }

    /// Opens a lane; see ``Lanes/open(_:validUntil:_:)``.
    mutating func open(_ shape: LaneShape, validUntil: Timestamp) {
        settle(shape.tenant)
        lanes.open(shape, validUntil: validUntil, hash(shape.tenant.exact))
    }

    /// Closes the lanes of a tenant: what they were compiled from has changed.
    mutating func closeLanes(of tenant: TenantID) {
        settle(tenant)
        lanes.closeAll(of: tenant, hash(tenant.exact))
    }

    /// Closes all lanes.
    mutating func closeLanes() {
        for tenant in Set(lanes.shapes.compactMap { $0?.tenant }) { closeLanes(of: tenant) }
    }

    /// Settles all lanes: they are armed again when they are asked for.
    mutating func settleAll() {
        for tenant in Set(lanes.shapes.compactMap { $0?.tenant }) { settle(tenant) }
    }

    /// The buckets that have changed since the last call, as they are now.
    mutating func takeChangedBuckets() -> [AccountKey: TokenBucket] {
        defer { changedBuckets = [] }
        var changed: [AccountKey: TokenBucket] = [:]
        for (key, bucket) in lanes.takeDirtyBuckets() { changed[key] = bucket }
        for key in changedBuckets where changed[key] == nil {
            changed[key] = states[key.tenant]?.buckets[key]?.bucket
        }
        return changed
    }

    /// Brings what was taken on the lanes of a tenant to its leases and buckets.
    private mutating func settle(_ tenant: TenantID) {
        for cell in lanes.cells(of: tenant, hash(tenant.exact)) {
            let place = cell.place
            if cell.isBudget {
                let (spent, usedAt) = (lanes.budgets[place].spent, lanes.budgets[place].usedAt)
                if spent > 0, let lease = lanes.homes[place].lease {
                    states[tenant]?.accounts[lanes.homes[place].key]?
                        .change(lease) {
                            $0.used += spent
                            $0.usedAt = usedAt
                        }
                }
                lanes.change(budget: place) { cell, home in
                    cell = BudgetCell()
                    (home.lease, home.account, home.period) = (nil, nil, nil)
                }
            } else {
                let known = lanes.buckets[place]
                if let bucket = known.bucket, known.isTaken {
                    states[tenant]?.buckets[known.key] = RateBucket(bucket: bucket, rate: known.rate)
                }
                if known.isDirty { changedBuckets.insert(known.key) }
                lanes.change(bucket: place) {
                    ($0.bucket, $0.isTaken, $0.isDirty) = (nil, false, false)
                }
            }
        }
    }

    /// Arms the cells of a tenant with what is known of its limits; those of which too little is
    /// known stay as they are.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - steady: the steady clock.
    ///   - epoch: of leases that can be spent; nil for any.
    ///   - knowsRevisions: whether leases of older limits can't be spent.
    mutating func arm(
        _ tenant: TenantID,
        steady: Timestamp,
        epoch: Int64?,
        knowsRevisions: Bool
    ) {
        let hash = hash(tenant.exact)
        let places = lanes.places(of: tenant, hash)
        if places.isEmpty { return }
        settle(tenant)
        guard let state = states[tenant] else { return }
        for cell in lanes.cells(of: tenant, hash) {
            if cell.isBudget {
                lanes.change(budget: cell.place) { cell, home in
                    guard let account = state.accounts[home.key] else { return }
                    cell.arm(
                        from: account, &home, steady: steady, epoch: epoch,
                        knowsRevisions: knowsRevisions)
                }
            } else {
                let known = state.buckets[lanes.buckets[cell.place].key]
                lanes.change(bucket: cell.place) { $0.bucket = known?.bucket }
            }
        }
        for place in places { lanes.forgetNames(place) }
    }
}

extension BudgetCell {
    /// Says of a budget what is known of it, with the lease to take from or the refusal to repeat.
    fileprivate mutating func arm(
        from known: LeasedAccount,
        _ home: inout BudgetHome,
        steady: Timestamp,
        epoch: Int64?,
        knowsRevisions: Bool
    ) {
        guard let snapshot = known.snapshot, let account = known.account else { return }
        let place = known.lease(
            for: 1, revision: knowsRevisions ? home.revision : .min, epoch: epoch, steady: steady)
        if let place {
            let lease = known.leases[place]
            (free, endsAt, usedAt) = (lease.free, lease.endsAt, lease.usedAt)
            home.lease = lease.id
        }
        // What an organization's tenants share may grow by another of them.
        if let refusal = known.refusal, refusal.revision >= home.revision,
            refusal.version == snapshot.account.version, home.key.organization == nil
        {
            (refusesFrom, refusedUntil) = (refusal.amount, min(refusal.until, known.endsAt))
            if place == nil { endsAt = refusedUntil }
        }
        available = account.available
        (home.account, home.period) = (account, snapshot.period)
    }
}
