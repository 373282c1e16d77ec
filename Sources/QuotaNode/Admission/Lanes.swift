package import QuotaEngine
import QuotaLedger
package import QuotaModel

/// One form of request of one tenant, with the cells of its limits; on two lines of the cache.
struct Lane: Sendable {
    let tenant: TenantID
    /// Empty where there is none, here and below.
    let key: ExactString
    let model: ExactString
    let first: MeterID
    let second: ExactString
    /// Until when what it was compiled from holds, on the wall clock; the distant past for a place
    /// that is free.
    var validUntil: Timestamp
    let cells: InlineArray<4, LaneCell>
    /// The names under which use of its meters is written.
    var names: InlineArray<2, NumberedName>
    /// The next lane of the tenant; -1 for none.
    var next: Int32 = -1
    private let countOfCells: UInt8
    /// Bit i is set where the i-th limit counts the second meter.
    private let secondMeter: UInt8

    init(
        _ request: LaneRequest,
        validUntil: Timestamp,
        cells: InlineArray<4, LaneCell>,
        count: Int,
        secondMeter: UInt8
    ) {
        tenant = request.tenant
        key = request.key
        model = request.model
        first = request.first
        second = request.second
        self.validUntil = validUntil
        self.cells = cells
        countOfCells = UInt8(count)
        self.secondMeter = secondMeter
        names = InlineArray(repeating: NumberedName())
    }

    /// How many limits there are.
    @inline(__always) var count: Int { Int(countOfCells) }

    @inline(__always)
    func amount(_ index: Int, _ amounts: LaneAmounts) -> Int64 {
        secondMeter & (1 << UInt8(truncatingIfNeeded: index)) == 0 ? amounts.first : amounts.second
    }

    @inline(__always)
    func fits(_ request: borrowing LaneRequest) -> Bool {
        first == request.first && second == request.second && key == request.key
            && model == request.model
    }
}

/// What a node needs to decide the ordinary request at once, laid out flat: of each tenant the
/// forms of its requests, and a cell for each limit.
///
/// What is taken lies in the cells until somebody else looks at the tenant: ``TenantStates``
/// settles it then. A cell is armed when it says all that there is to say of its limit. All cells
/// of a tenant are armed together, and settled together.
struct Lanes: Sendable {
    /// What a request comes to on a lane.
    enum Outcome {
        case admits(Int)
        case refuses(Int)
        /// There is no lane, or it can't tell.
        case unknown
    }

    private(set) var index = LaneIndex()
    private(set) var lanes: ContiguousArray<Lane> = []
    /// By the place of the lane.
    private(set) var shapes: ContiguousArray<LaneShape?> = []
    /// By the place of the lane: the leases that its names name.
    private var leases: ContiguousArray<InlineArray<4, Int64>> = []
    /// By the place of the lane: what is written of each of its meters.
    private(set) var nameBytes: ContiguousArray<[[UInt8]]> = []
    /// By the place of the lane: goes up when the place is given to another one.
    private(set) var generations: ContiguousArray<UInt32> = []
    private(set) var budgets: ContiguousArray<BudgetCell> = []
    private(set) var homes: ContiguousArray<BudgetHome> = []
    private(set) var buckets: ContiguousArray<BucketCell> = []
    private var freeLanes: [Int] = []
    private var freeBudgets: [Int] = []
    private var freeBuckets: [Int] = []
    /// Buckets that the ledger has to be told of.
    private var dirty: [Int] = []

    /// How many lanes there are.
    var count: Int { lanes.count - freeLanes.count }

    // MARK: Deciding

    /// The lane of a request.
    @inline(__always)
    func lane(of request: borrowing LaneRequest, _ hash: UInt64) -> Int? {
        guard let head = head(of: request.tenant, hash) else { return nil }
        var place = head
        while !lanes[Int(place)].fits(request) {
            place = lanes[Int(place)].next
            if place < 0 { return nil }
        }
        return Int(place)
    }

    @inline(__always)
    private func head(of tenant: borrowing TenantID, _ hash: UInt64) -> Int32? {
        index.head(hash) { lanes[Int($0)].tenant == tenant }
    }

    /// Whether a request passes all its limits.
    @inline(__always)
    func judge(
        _ place: Int,
        _ amounts: LaneAmounts,
        now: Timestamp,
        steady: Timestamp,
        lapsesAt: Timestamp
    ) -> Outcome {
        if now >= lanes[place].validUntil { return .unknown }
        var refuses = false
        for index in 0..<lanes[place].count {
            let cell = lanes[place].cells[index]
            let amount = lanes[place].amount(index, amounts)
            switch standing(cell, amount, steady: steady, lapsesAt: lapsesAt) {
            case .ready: break
            case .refuses: refuses = true
            case .unknown: return .unknown
            }
        }
        return refuses ? .refuses(place) : .admits(place)
    }

    /// What the limit with the number `index` of a lane says.
    func standing(
        _ place: Int,
        _ index: Int,
        _ amount: Int64,
        steady: Timestamp,
        lapsesAt: Timestamp
    ) -> LaneStanding {
        standing(lanes[place].cells[index], amount, steady: steady, lapsesAt: lapsesAt)
    }

    @inline(__always)
    private func standing(
        _ cell: LaneCell,
        _ amount: Int64,
        steady: Timestamp,
        lapsesAt: Timestamp
    ) -> LaneStanding {
        cell.isBudget
            ? budgets[cell.place].standing(amount, steady: steady, lapsesAt: lapsesAt)
            : buckets[cell.place].standing(amount, steady: steady)
    }

    /// Takes units; all limits have room for them.
    @inline(__always)
    mutating func take(_ place: Int, _ amounts: LaneAmounts, steady: Timestamp) {
        for index in 0..<lanes[place].count {
            let cell = lanes[place].cells[index]
            let amount = lanes[place].amount(index, amounts)
            if cell.isBudget {
                budgets[cell.place].take(amount, steady: steady)
            } else {
                buckets[cell.place].take(amount, steady: steady)
                if buckets[cell.place].isKept, !buckets[cell.place].isDirty {
                    buckets[cell.place].isDirty = true
                    dirty.append(cell.place)
                }
            }
        }
    }

    /// Changes the names of a lane's meters.
    @inline(__always)
    mutating func withNames<Result, Failure>(
        _ place: Int,
        _ body: (inout InlineArray<2, NumberedName>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&lanes[place].names)
    }

    /// The balances behind a limit of a lane whose cells are armed.
    func state(_ place: Int, _ index: Int, steady: Timestamp) -> LimitState? {
        let cell = lanes[place].cells[index]
        guard cell.isBudget else {
            guard var bucket = buckets[cell.place].bucket else { return nil }
            bucket.refill(buckets[cell.place].rate, now: steady)
            return .bucket(bucket)
        }
        guard let account = homes[cell.place].account, let period = homes[cell.place].period
        else { return nil }
        return .account(account.posting(budgets[cell.place].spent), period)
    }

    /// What is left of the scarcest budget of a lane; nil when it has none.
    @inline(__always)
    func available(_ place: Int) -> Int64? {
        var least: Int64?
        for index in 0..<lanes[place].count {
            let cell = lanes[place].cells[index]
            guard cell.isBudget else { continue }
            let available = budgets[cell.place].available - budgets[cell.place].spent
            least = min(least ?? .max, available)
        }
        return least
    }

    // MARK: Opening and closing

    /// Opens a lane, or renews one that says something else.
    ///
    /// - Parameters:
    ///   - shape: what its requests have in common.
    ///   - validUntil: until when that holds.
    ///   - hash: of the tenant.
    mutating func open(
        _ shape: LaneShape,
        validUntil: Timestamp,
        _ hash: UInt64
    ) {
        let request = LaneRequest(
            tenant: shape.tenant, key: shape.key, model: shape.model,
            first: Charge(meter: shape.meters[0].id, amount: 0),
            second: shape.meters.dropFirst().first.map { Charge(meter: $0.id, amount: 0) })
        if let known = lane(of: request, hash) {
            if shapes[known]?.isLike(shape) == true { return }
            close(known, hash)
        }
        var cells = InlineArray<4, LaneCell>(repeating: .budget(0))
        var second: UInt8 = 0
        for (index, limit) in shape.limits.enumerated() {
            cells[index] = cell(limit, shape.accounts[index], of: shape.tenant, hash)
            if shape.meterOfLimit[index] == 1 { second |= 1 << UInt8(index) }
        }
        let head = head(of: shape.tenant, hash)
        var lane = Lane(
            request, validUntil: validUntil, cells: cells, count: shape.limits.count,
            secondMeter: second)
        if let head {
            lane.next = lanes[Int(head)].next
            let place = put(lane, shape)
            lanes[Int(head)].next = Int32(place)
        } else {
            index.insert(Int32(put(lane, shape)), hash)
        }
    }

    private mutating func put(_ lane: Lane, _ shape: LaneShape) -> Int {
        if let place = freeLanes.popLast() {
            (lanes[place], shapes[place]) = (lane, shape)
            leases[place] = InlineArray(repeating: 0)
            nameBytes[place] = []
            return place
        }
        lanes.append(lane)
        shapes.append(shape)
        leases.append(InlineArray(repeating: 0))
        nameBytes.append([])
        generations.append(0)
        return lanes.count - 1
    }

    /// The cell of a limit, which other lanes of the tenant may have as well.
    private mutating func cell(
        _ limit: CompiledLimit,
        _ key: AccountKey,
        of tenant: TenantID,
        _ hash: UInt64
    ) -> LaneCell {
        if let known = cells(of: tenant, hash).first(where: { self.key(of: $0) == key }) {
            if known.isBudget {
                homes[known.place].users += 1
                homes[known.place].revision = max(homes[known.place].revision, limit.revision)
            } else {
                buckets[known.place].users += 1
                if let rate = limit.rate { buckets[known.place].rate = rate }
            }
            return known
        }
        if let rate = limit.rate {
            let made = BucketCell(key: key, rate: rate, users: 1)
            guard let place = freeBuckets.popLast() else {
                buckets.append(made)
                return .bucket(buckets.count - 1)
            }
            buckets[place] = made
            return .bucket(place)
        }
        let home = BudgetHome(key: key, revision: limit.revision, users: 1)
        guard let place = freeBudgets.popLast() else {
            budgets.append(BudgetCell())
            homes.append(home)
            return .budget(budgets.count - 1)
        }
        (budgets[place], homes[place]) = (BudgetCell(), home)
        return .budget(place)
    }

    private func key(of cell: LaneCell) -> AccountKey {
        cell.isBudget ? homes[cell.place].key : buckets[cell.place].key
    }

    /// Closes a lane; what was taken on it is settled.
    private mutating func close(_ place: Int, _ hash: UInt64) {
        let lane = lanes[place]
        for index in 0..<lane.count { leave(lane.cells[index]) }
        guard let head = head(of: lane.tenant, hash) else { return }
        if Int(head) == place {
            index.remove(head, hash)
            if lane.next >= 0 { index.insert(lane.next, hash) }
        } else {
            var before = Int(head)
            while Int(lanes[before].next) != place { before = Int(lanes[before].next) }
            lanes[before].next = lane.next
        }
        lanes[place].validUntil = .distantPast
        lanes[place].next = -1
        shapes[place] = nil
        generations[place] &+= 1
        freeLanes.append(place)
    }

    private mutating func leave(_ cell: LaneCell) {
        if cell.isBudget {
            homes[cell.place].users -= 1
            if homes[cell.place].users == 0 { freeBudgets.append(cell.place) }
        } else {
            buckets[cell.place].users -= 1
            if buckets[cell.place].users == 0 { freeBuckets.append(cell.place) }
        }
    }

    /// Closes the lanes of a tenant, which are settled.
    mutating func closeAll(of tenant: TenantID, _ hash: UInt64) {
        while let head = head(of: tenant, hash) { close(Int(head), hash) }
    }

    // MARK: The cells of a tenant

    /// The lanes of a tenant.
    func places(of tenant: TenantID, _ hash: UInt64) -> [Int] {
        var places: [Int] = []
        var next = head(of: tenant, hash) ?? -1
        while next >= 0 {
            places.append(Int(next))
            next = lanes[Int(next)].next
        }
        return places
    }

    /// The cells of a tenant, each once.
    func cells(of tenant: TenantID, _ hash: UInt64) -> [LaneCell] {
        var cells: [LaneCell] = []
        for place in places(of: tenant, hash) {
            for index in 0..<lanes[place].count where !cells.contains(lanes[place].cells[index]) {
                cells.append(lanes[place].cells[index])
            }
        }
        return cells
    }

    /// Changes a budget's cell.
    mutating func change(budget place: Int, _ body: (inout BudgetCell, inout BudgetHome) -> Void) {
        body(&budgets[place], &homes[place])
    }

    /// Changes a rate's cell.
    mutating func change(bucket place: Int, _ body: (inout BucketCell) -> Void) {
        body(&buckets[place])
    }

    /// The buckets that the ledger has to be told of, as they are; each is told once.
    mutating func takeDirtyBuckets() -> [(key: AccountKey, bucket: TokenBucket)] {
        defer { dirty.removeAll(keepingCapacity: true) }
        return dirty.compactMap { place in
            guard buckets[place].isDirty else { return nil }
            buckets[place].isDirty = false
            return buckets[place].bucket.map { (buckets[place].key, $0) }
        }
    }

    /// The leases that a meter's use on a lane is taken from, with their accounts.
    func leases(
        of meter: Int,
        _ place: Int,
        _ shape: LaneShape
    ) -> [(GrantID, AccountKey)] {
        shape.limits.indices.compactMap { index in
            let cell = lanes[place].cells[index]
            guard shape.meterOfLimit[index] == meter, cell.isBudget,
                let lease = homes[cell.place].lease
            else { return nil }
            return (lease, shape.accounts[index])
        }
    }

    /// Looks at the leases of a lane: when they are others, its names are, too.
    mutating func noteLeases(_ place: Int) {
        var changed = false
        for index in 0..<lanes[place].count {
            let cell = lanes[place].cells[index]
            let lease = cell.isBudget ? homes[cell.place].lease?.sequence ?? 0 : 0
            if leases[place][index] == lease { continue }
            leases[place][index] = lease
            changed = true
        }
        guard changed || nameBytes[place].isEmpty, let shape = shapes[place] else { return }
        lanes[place].names = InlineArray(repeating: NumberedName())
        nameBytes[place] = shape.meters.indices.map { meter in
            let leases = leases(of: meter, place, shape)
                .map { JournalName.Lease(sequence: $0.0.sequence, account: $0.1) }
            return shape.name(of: meter, leases: leases).bytes
        }
    }
}

extension Account {
    /// The account after units of its leases were used.
    fileprivate func posting(_ units: Int64) -> Account {
        Account(
            capacity: capacity, available: available - units, escrowed: escrowed, suspect: suspect,
            posted: posted + units, isUnlimited: isUnlimited, state: state,
            limitRevision: limitRevision, version: version, carried: carried)
    }
}
