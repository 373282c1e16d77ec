package import QuotaEngine
import QuotaLedger
package import QuotaModel

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

    /// A cell of a tenant, with a limit that it is of.
    struct Member {
        let cell: LaneCell
        /// A lane that has it.
        let lane: Int
        /// The limit's place there.
        let index: Int
    }

    /// What a request must be to be of a form.
    private struct FormTexts: Sendable {
        var model = ExactString("")
        var first = ExactString("")
        var second = ExactString("")
    }

    private var index = LaneIndex()
    private(set) var lanes: ContiguousArray<Lane> = []
    private(set) var budgets: ContiguousArray<BudgetCell> = []
    private(set) var homes: ContiguousArray<BudgetHome> = []
    private(set) var buckets: ContiguousArray<BucketCell> = []
    private var forms = InternTable<LaneForm>()
    /// By the number of the form.
    private var formTexts: ContiguousArray<FormTexts> = []
    /// How fast buckets fill.
    private var rates = InternTable<TokenBucket.Rate>()
    /// The periods of armed budgets.
    private var periods = InternTable<Period>()
    private var freeLanes: [Int] = []
    private var freeBudgets: [Int] = []
    private var freeBuckets: [Int] = []
    /// Buckets that the ledger has to be told of.
    private var dirty: [Member] = []
    /// For names that are written now.
    private var scratch = ByteWriter(capacity: 1_024)

    /// How many lanes there are.
    var count: Int { lanes.count - freeLanes.count }

    // MARK: Deciding

    /// The lane of a request.
    @inline(__always)
    func lane(of request: borrowing LaneRequest, _ hash: UInt64) -> Int? {
        guard let head = head(of: request.tenant, hash) else { return nil }
        var place = head
        while !fits(Int(place), request) {
            place = lanes[Int(place)].next
            if place < 0 { return nil }
        }
        return Int(place)
    }

    @inline(__always)
    private func fits(_ place: Int, _ request: borrowing LaneRequest) -> Bool {
        if lanes[place].key != request.key { return false }
        let form = Int(lanes[place].form)
        return formTexts[form].first == request.first.exact
            && formTexts[form].second == request.second
            && formTexts[form].model == request.model
    }

    /// The first lane of a tenant.
    @inline(__always)
    func head(of tenant: borrowing TenantID, _ hash: UInt64) -> Int32? {
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
            : buckets[cell.place]
                .standing(amount, rates[buckets[cell.place].rate], steady: steady)
    }

    /// Takes units; all limits have room for them.
    ///
    /// - Returns: what ``available(_:)`` tells then.
    @inline(__always)
    @discardableResult
    mutating func take(_ place: Int, _ amounts: LaneAmounts, steady: Timestamp) -> Int64? {
        var least: Int64?
        for index in 0..<lanes[place].count {
            let cell = lanes[place].cells[index]
            let amount = lanes[place].amount(index, amounts)
            if cell.isBudget {
                let left = budgets[cell.place].take(amount, steady: steady)
                least = min(least ?? .max, left)
            } else {
                let rate = rates[buckets[cell.place].rate]
                buckets[cell.place].take(amount, rate, steady: steady)
                if rate.isKept, !buckets[cell.place].isDirty {
                    buckets[cell.place].setDirty(true)
                    dirty.append(Member(cell: cell, lane: place, index: index))
                }
            }
        }
        return least
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
            guard buckets[cell.place].isArmed else { return nil }
            var bucket = buckets[cell.place].bucket
            bucket.refill(rates[buckets[cell.place].rate], now: steady)
            return .bucket(bucket)
        }
        let home = homes[cell.place]
        guard home.isArmed else { return nil }
        return .account(home.account(budgets[cell.place]), periods[home.period])
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

    // MARK: Forms and names

    /// The form of a lane.
    func form(_ place: Int) -> LaneForm { forms[lanes[place].form] }

    /// Whose requests of what form are decided on a lane.
    func subject(_ place: Int) -> LaneSubject {
        LaneSubject(
            form: form(place), tenant: lanes[place].tenant, key: lanes[place].keyID)
    }

    /// The account of a limit of a lane.
    func account(_ place: Int, _ index: Int) -> AccountKey {
        form(place).account(index, of: lanes[place].tenant, key: lanes[place].keyID)
    }

    /// What records of a meter's use on a lane refer to; see ``JournalName``.
    mutating func nameBytes(_ place: Int, _ meter: Int) -> [UInt8] {
        let form = form(place)
        scratch.removeAll()
        JournalName.begin(
            &scratch, tenant: lanes[place].tenant, key: lanes[place].keyID ?? .service,
            model: form.model, meter: form.meters[meter].id,
            recording: form.meters[meter].recording)
        for index in form.limits.indices where form.meterOfLimit[index] == meter {
            let cell = lanes[place].cells[index]
            guard cell.isBudget, homes[cell.place].lease != 0 else { continue }
            let lease = homes[cell.place].lease
            // The same as of its account, without making a text of the parts.
            if let end = form.keylessNames[index], let key = lanes[place].keyID {
                JournalName.add(
                    lease: lease, of: lanes[place].tenant, key: key, end, to: &scratch)
            } else {
                JournalName.add(lease: lease, of: account(place, index), to: &scratch)
            }
        }
        return scratch.bytes
    }

    // MARK: Opening and closing

    /// Opens a lane, or renews one; its tenant is settled, and to be armed.
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
        let form = take(shape.form)
        if let known = lane(of: LaneRequest(shape), hash) {
            if lanes[known].form == form {
                forms.leave(form)
                lanes[known].validUntil = validUntil
                for (index, revision) in shape.revisions.enumerated() {
                    note(revision, of: lanes[known].cells[index])
                }
                return
            }
            close(known, hash)
        }
        var cells = InlineArray<4, LaneCell>(repeating: .budget(0))
        for index in shape.form.limits.indices { cells[index] = cell(index, of: shape, hash) }
        let head = head(of: shape.tenant, hash)
        let place = freeLanes.popLast()
        let generation = place.map { lanes[$0].generation &+ 1 } ?? 0
        var lane = Lane(
            shape, form: form, validUntil: validUntil, cells: cells, generation: generation)
        if let head { lane.next = lanes[Int(head)].next }
        if let place { lanes[place] = lane } else { lanes.append(lane) }
        let number = Int32(place ?? lanes.count - 1)
        if let head { lanes[Int(head)].next = number } else { index.insert(number, hash) }
    }

    private mutating func take(_ form: LaneForm) -> Int32 {
        let number = forms.take(form)
        let texts = FormTexts(
            model: form.model?.exact ?? ExactString(""), first: form.meters[0].id.exact,
            second: form.meters.dropFirst().first?.id.exact ?? ExactString(""))
        if Int(number) == formTexts.count {
            formTexts.append(texts)
        } else {
            formTexts[Int(number)] = texts
        }
        return number
    }

    private mutating func note(_ revision: Int64, of cell: LaneCell) {
        guard cell.isBudget else { return }
        homes[cell.place].revision = max(homes[cell.place].revision, revision)
    }

    /// The cell of a limit, which other lanes of the tenant may have as well.
    private mutating func cell(
        _ index: Int,
        of shape: LaneShape,
        _ hash: UInt64
    ) -> LaneCell {
        let key = shape.form.account(index, of: shape.tenant, key: shape.key)
        let rate = shape.form.limits[index].rate
        let known = members(of: shape.tenant, hash)
            .first { account($0.lane, $0.index) == key }
        if let cell = known?.cell {
            if cell.isBudget {
                homes[cell.place].users += 1
            } else {
                buckets[cell.place].users += 1
                if let rate {
                    rates.leave(buckets[cell.place].rate)
                    buckets[cell.place].rate = rates.take(rate)
                }
            }
            note(shape.revisions[index], of: cell)
            return cell
        }
        if let rate {
            let made = BucketCell(rate: rates.take(rate))
            guard let place = freeBuckets.popLast() else {
                buckets.append(made)
                return .bucket(buckets.count - 1)
            }
            buckets[place] = made
            return .bucket(place)
        }
        let home = BudgetHome(revision: shape.revisions[index])
        guard let place = freeBudgets.popLast() else {
            budgets.append(BudgetCell())
            homes.append(home)
            return .budget(budgets.count - 1)
        }
        (budgets[place], homes[place]) = (BudgetCell(), home)
        return .budget(place)
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
        forms.leave(lane.form)
        lanes[place] = Lane(closing: lane)
        freeLanes.append(place)
    }

    private mutating func leave(_ cell: LaneCell) {
        if cell.isBudget {
            homes[cell.place].users -= 1
            if homes[cell.place].users == 0 { freeBudgets.append(cell.place) }
        } else {
            buckets[cell.place].users -= 1
            if buckets[cell.place].users > 0 { return }
            rates.leave(buckets[cell.place].rate)
            freeBuckets.append(cell.place)
        }
    }

    /// Closes the lanes of a tenant, which is settled.
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
    func members(of tenant: TenantID, _ hash: UInt64) -> [Member] {
        var members: [Member] = []
        var known: Set<LaneCell> = []
        for place in places(of: tenant, hash) {
            for index in 0..<lanes[place].count {
                let cell = lanes[place].cells[index]
                guard known.insert(cell).inserted else { continue }
                members.append(Member(cell: cell, lane: place, index: index))
            }
        }
        return members
    }

    /// The tenants that have lanes.
    var tenants: [TenantID] {
        index.heads.map { lanes[Int($0)].tenant }
    }

    /// A rate's bucket, and how fast it fills.
    func bucket(_ cell: LaneCell) -> RateBucket {
        RateBucket(
            bucket: buckets[cell.place].bucket, rate: rates[buckets[cell.place].rate])
    }

    /// Says of a budget's cell what is known of it.
    ///
    /// - Returns: whether it takes from another lease than before.
    mutating func arm(
        budget place: Int,
        _ cell: BudgetCell,
        lease: Int64,
        _ account: Account,
        _ period: Period
    ) -> Bool {
        budgets[place] = cell
        homes[place].arm(account, period: periods.take(period))
        defer { homes[place].lease = lease }
        return homes[place].lease != lease
    }

    /// Says of a rate's cell what is known of it.
    mutating func arm(bucket place: Int, _ bucket: TokenBucket) { buckets[place].arm(bucket) }

    /// From now on a cell can't tell.
    mutating func disarm(_ cell: LaneCell) {
        guard cell.isBudget else { return buckets[cell.place].disarm() }
        budgets[cell.place] = BudgetCell()
        if homes[cell.place].isArmed { periods.leave(homes[cell.place].period) }
        homes[cell.place].disarm()
    }

    /// The buckets that the ledger has to be told of, as they are; each is told once.
    mutating func takeDirtyBuckets() -> [(key: AccountKey, bucket: TokenBucket)] {
        defer { dirty.removeAll(keepingCapacity: true) }
        return dirty.compactMap { member in
            // Who has the cell now has told of it by itself.
            guard buckets[member.cell.place].isDirty, isCurrent(member) else { return nil }
            buckets[member.cell.place].setDirty(false)
            return (account(member.lane, member.index), buckets[member.cell.place].bucket)
        }
    }

    private func isCurrent(_ member: Member) -> Bool {
        let lane = lanes[member.lane]
        return lane.validUntil != .distantPast && member.index < lane.count
            && lane.cells[member.index] == member.cell
    }

    /// The leases that a meter's use on a lane is taken from, with their accounts.
    func leases(of meter: Int, _ place: Int) -> [(sequence: Int64, account: AccountKey)] {
        let form = form(place)
        return form.limits.indices.compactMap { index in
            let cell = lanes[place].cells[index]
            guard form.meterOfLimit[index] == meter, cell.isBudget, homes[cell.place].lease != 0
            else { return nil }
            return (homes[cell.place].lease, account(place, index))
        }
    }
}
