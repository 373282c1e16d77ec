import QuotaEngine
import QuotaLedger
package import QuotaModel

/// What a node knows of its tenants, with the lanes on which ordinary requests are decided.
///
/// What was taken on lanes is settled before anybody else sees a tenant: every access but
/// ``peek(_:)`` does it. So the rest of ``LeaseTable`` need not know of lanes. A tenant whose cells
/// are armed needs no more than these, and the rest is kept packed until somebody asks.
package struct TenantStates: Sendable {
    package typealias State = LeaseTable.TenantState

    /// Those that are not packed.
    private var states: [TenantID: State] = [:]
    private(set) var lanes = Lanes()
    /// Those that are packed and have lanes, by the place of the first.
    private var packed: ContiguousArray<PackedState?> = []
    /// Those that are packed and have none.
    private var laneless: [TenantID: PackedState] = [:]
    private var tables: PackedTables
    /// Buckets that the ledger has not seen as they are.
    var changedBuckets: Set<AccountKey> = []
    private let holder: Holder
    private let hash: TenantHash

    init(holder: Holder, hash: TenantHash) {
        self.holder = holder
        self.hash = hash
        tables = PackedTables(holder: holder)
    }

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

    /// Takes a tenant's state out; nobody looks at the tenant until it is put back.
    mutating func take(_ tenant: TenantID) -> State {
        settle(tenant)
        var state = State()
        if let place = states.index(forKey: tenant) { swap(&state, &states.values[place]) }
        return state
    }

    /// Puts a state back that was taken out.
    mutating func put(_ state: consuming State, _ tenant: TenantID) { states[tenant] = state }

    /// What is known of a tenant, apart from what is used of its leases and missing in its buckets.
    func peek(_ tenant: TenantID) -> State? {
        states[tenant] ?? packedState(of: tenant).map { tables.state($0, of: tenant) }
    }

    /// All tenants.
    var ids: [TenantID] {
        var ids = Array(states.keys)
        ids += laneless.keys
        // One with lanes may be among them already.
        ids += lanes.tenants.filter { states[$0] == nil }
        return ids
    }

    /// Whether something is known of a tenant.
    func contains(_ tenant: TenantID) -> Bool {
        states[tenant] != nil || packedState(of: tenant) != nil
    }

    /// The tenants that have leases of accounts which organizations' tenants share.
    func holders(of shared: Set<AccountKey>) -> [TenantID] {
        // They are never packed.
        states
            .filter { _, state in
                shared.contains { state.accounts[$0]?.leases.isEmpty == false }
            }
            .map(\.key)
    }

    /// When the first period of a tenant's leases is over; nil when somebody has to look.
    func attentionAt(_ tenant: TenantID) -> Timestamp? { packedState(of: tenant)?.attentionAt }

    /// Whether a tenant uses all that it has, and none of it is over: there is nothing to give
    /// back.
    func isBusy(_ tenant: TenantID, steady: Timestamp) -> Bool {
        guard let attentionAt = attentionAt(tenant), steady < attentionAt else { return false }
        // What is packed has no leases but those of its cells.
        let leased = lanes.members(of: tenant, hash(tenant.exact))
            .filter { $0.cell.isBudget && lanes.homes[$0.cell.place].lease != 0 }
        return !leased.isEmpty
            && leased.allSatisfy {
                let usedAt = lanes.budgets[$0.cell.place].usedAt
                return steady.nanoseconds(since: usedAt) < LeaseTable.idleNanoseconds
            }
    }

    private func packedState(of tenant: TenantID) -> PackedState? {
        if let head = lanes.head(of: tenant, hash(tenant.exact)) { return packed[Int(head)] }
        return laneless[tenant]
    }

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

    /// Takes units on a lane that admits them; see ``Lanes/take(_:_:steady:)``.
    @inline(__always)
    @discardableResult
    mutating func take(_ place: Int, _ amounts: LaneAmounts, steady: Timestamp) -> Int64? {
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

    /// What records of a meter's use on a lane refer to.
    @inline(never)
    mutating func nameBytes(_ place: Int, _ meter: Int) -> [UInt8] {
        lanes.nameBytes(place, meter)
    }

    /// The most lanes of a tenant, which are looked at one after the other, and settled together.
    ///
    /// One that asks in more forms, for example with hundreds of keys, is decided without lanes for
    /// a minute: that costs less than to open them again and again.
    static let maximumLanesPerTenant = 64
    private static let crowdedNanoseconds: Int64 = 60_000_000_000

    /// Opens a lane, or renews one; see ``Lanes/open(_:validUntil:_:)``.
    mutating func open(
        _ shape: LaneShape,
        validUntil: Timestamp,
        steady: Timestamp,
        epoch: Int64
    ) {
        let count = lanes.places(of: shape.tenant, hash(shape.tenant.exact)).count
        let isNew = place(of: LaneRequest(shape)) == nil
        if count >= Self.maximumLanesPerTenant, isNew {
            closeLanes(of: shape.tenant, epoch: epoch)
            settle(shape.tenant)
            states[shape.tenant]?.isCrowdedUntil = steady.adding(
                nanoseconds: Self.crowdedNanoseconds)
        }
        settle(shape.tenant)
        if let state = states[shape.tenant], steady < state.isCrowdedUntil { return }
        lanes.open(shape, validUntil: validUntil, hash(shape.tenant.exact))
        while packed.count < lanes.lanes.count { packed.append(nil) }
    }

    /// Closes the lanes of a tenant: what they were compiled from has changed.
    mutating func closeLanes(of tenant: TenantID, epoch: Int64) {
        let hash = hash(tenant.exact)
        guard let head = lanes.head(of: tenant, hash) else { return }
        let wasPacked = packed[Int(head)] != nil
        settle(tenant)
        lanes.closeAll(of: tenant, hash)
        // Many may end at once, and most of them will not be asked for soon.
        guard wasPacked, let state = states[tenant],
            let pack = tables.pack(state, of: tenant, epoch: epoch)
        else { return }
        states[tenant] = nil
        laneless[tenant] = pack
    }

    /// Settles all lanes: they are armed again when they are asked for.
    mutating func settleAll() {
        for tenant in lanes.tenants { settle(tenant) }
    }

    /// The buckets that have changed since the last call, as they are now.
    mutating func takeChangedBuckets() -> [AccountKey: TokenBucket] {
        defer { changedBuckets = [] }
        var changed: [AccountKey: TokenBucket] = [:]
        for (key, bucket) in lanes.takeDirtyBuckets() { changed[key] = bucket }
        for key in changedBuckets where changed[key] == nil {
            changed[key] = peek(key.tenant)?.buckets[key]?.bucket
        }
        return changed
    }

    /// Brings what was taken on the lanes of a tenant to its leases and buckets.
    private mutating func settle(_ tenant: TenantID) {
        if !laneless.isEmpty, let pack = laneless.removeValue(forKey: tenant) {
            states[tenant] = tables.unpack(pack, of: tenant)
        }
        let hash = hash(tenant.exact)
        guard let head = lanes.head(of: tenant, hash) else { return }
        if let pack = packed[Int(head)] {
            states[tenant] = tables.unpack(pack, of: tenant)
            packed[Int(head)] = nil
        }
        for member in lanes.members(of: tenant, hash) {
            if member.cell.isBudget {
                settleBudget(member, of: tenant)
            } else {
                settleBucket(member, of: tenant)
            }
            lanes.disarm(member.cell)
        }
    }

    private mutating func settleBudget(_ member: Lanes.Member, of tenant: TenantID) {
        let cell = lanes.budgets[member.cell.place]
        if cell.spent == 0 { return }
        let lease = GrantID(
            holder: holder.name, incarnation: holder.incarnation,
            sequence: lanes.homes[member.cell.place].lease)
        let key = lanes.account(member.lane, member.index)
        states[tenant]?.accounts[key]?
            .change(lease) {
                $0.used += cell.spent
                $0.usedAt = cell.usedAt
            }
    }

    private mutating func settleBucket(_ member: Lanes.Member, of tenant: TenantID) {
        let cell = lanes.buckets[member.cell.place]
        guard cell.isTaken || cell.isDirty else { return }
        let key = lanes.account(member.lane, member.index)
        if cell.isTaken {
            states[tenant]?.buckets[key] = lanes.bucket(member.cell)
        }
        if cell.isDirty { changedBuckets.insert(key) }
    }

    /// The most accounts of a tenant that is packed.
    private static let maximumPackedAccounts = 16

    /// Arms the cells of a tenant with what is known of its limits; those of which too little is
    /// known stay as they are.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - steady: the steady clock.
    ///   - epoch: of leases that can be spent.
    ///   - omitted: rules that a test leaves out.
    mutating func arm(
        _ tenant: TenantID,
        steady: Timestamp,
        epoch: Int64,
        omitted: OmittedRules
    ) {
        let hash = hash(tenant.exact)
        guard let head = lanes.head(of: tenant, hash) else { return }
        settle(tenant)
        guard let state = states[tenant] else { return }
        var leased: Set<AccountKey> = []
        var isOther = false
        for member in lanes.members(of: tenant, hash) {
            let key = lanes.account(member.lane, member.index)
            let place = member.cell.place
            if member.cell.isBudget {
                guard
                    let armed = state.accounts[key]?
                        .cell(
                            key, revision: lanes.homes[place].revision, steady: steady,
                            epoch: epoch, omitted: omitted)
                else { continue }
                let changed = lanes.arm(
                    budget: place, armed.cell, lease: armed.lease, armed.account, armed.period)
                if changed { isOther = true }
                if armed.lease != 0 { leased.insert(key) }
            } else if let known = state.buckets[key] {
                lanes.arm(bucket: place, known.bucket)
            }
        }
        if isOther {
            for place in lanes.places(of: tenant, hash) {
                lanes.withNames(place) { $0 = InlineArray(repeating: NumberedName()) }
            }
        }
        // Large ones are few, and packing takes its time.
        guard state.accounts.count <= Self.maximumPackedAccounts else { return }
        // Leases that lie in no cell have to be given back when nobody uses them.
        let isCovered = state.accounts.allSatisfy { $1.leases.isEmpty || leased.contains($0) }
        guard isCovered, let pack = tables.pack(state, of: tenant, epoch: epoch) else { return }
        assert(tables.state(pack, of: tenant).isLike(state), "what is packed is the same unpacked")
        states[tenant] = nil
        packed[Int(head)] = pack
    }
}

extension LeaseTable.TenantState {
    fileprivate func isLike(_ other: Self) -> Bool {
        accounts == other.accounts && buckets == other.buckets
    }
}

extension LeasedAccount {
    /// What a cell says of a budget.
    fileprivate struct Armed {
        var cell = BudgetCell()
        /// The lease to take from; 0 for none.
        var lease: Int64 = 0
        let account: Account
        let period: Period
    }

    /// What is known of the budget, with the lease to take from or the refusal to repeat; nil when
    /// too little is known.
    fileprivate func cell(
        _ key: AccountKey,
        revision: Int64,
        steady: Timestamp,
        epoch: Int64,
        omitted: OmittedRules
    ) -> Armed? {
        guard let snapshot, let account else { return nil }
        var armed = Armed(account: account, period: snapshot.period)
        let place = lease(
            for: 1, revision: omitted.contains(.revisionsFence) ? .min : revision,
            epoch: omitted.contains(.epochsFence) ? nil : epoch, steady: steady)
        if let place {
            let lease = leases[place]
            (armed.cell.free, armed.cell.endsAt) = (lease.free, lease.endsAt)
            armed.cell.usedAt = lease.usedAt
            armed.lease = lease.id.sequence
        }
        // What an organization's tenants share may grow by another of them.
        if let refusal, refusal.revision >= revision,
            refusal.version == snapshot.account.version, key.organization == nil
        {
            armed.cell.refusesFrom = refusal.amount
            armed.cell.refusedUntil = min(refusal.until, endsAt)
            if place == nil { armed.cell.endsAt = armed.cell.refusedUntil }
        }
        armed.cell.available = account.available
        return armed
    }
}
