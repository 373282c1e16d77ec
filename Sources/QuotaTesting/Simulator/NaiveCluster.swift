import QuotaEngine
import QuotaLedger
import QuotaModel

/// What really happened in a simulated cluster, counted in the plainest way: who was told that
/// units are theirs, and what became of them.
///
/// Shares no code with what it checks; of the ledger it only looks at the rows.
struct NaiveCluster {
    /// Units that one request was given.
    struct Use {
        let tenant: TenantID
        let operation: Int
        let node: String
        let incarnation: Int64
        /// By meter.
        let held: [MeterID: Int64]
        /// One for each limit.
        let parts: [(meter: MeterID, account: AccountID, lease: GrantID)]
        let isReservation: Bool
        /// What was used, as far as that is known.
        var used: [MeterID: Int64] = [:]
        /// Whether all is known.
        var isEnded = false
        /// Whether it was given back once, so that all that is used of it is an overage.
        var wasVoided = false
        /// Whether the ledger has ended it in the place of its node, so that its node's word does
        /// not count.
        var isDecided = false
        /// Whether its client was told.
        var isAcknowledged = false
        /// Whether all record of it was lost.
        var isLost = false
        /// What the ledger has booked of it.
        var booked: [MeterID: Int64] = [:]

        /// What was used as far as anybody can say: all, while it is held.
        func truth(of meter: MeterID) -> Int64 {
            used[meter] ?? (isEnded ? 0 : held[meter] ?? 0)
        }
    }

    /// A record of a journal, as the use it is about.
    enum Record {
        case made(String)
        case ended(String, used: [MeterID: Int64], by: Int?)
        case other
    }

    struct Life: Hashable {
        let node: String
        let incarnation: Int64
    }

    private(set) var uses: [String: Use] = [:]
    private var idsByOperation: [Int: String] = [:]
    private(set) var records: [Life: [Record]] = [:]
    private var folded: [Life: Int] = [:]
    /// Units that are taken of each account, for good or for now.
    private var taken: [AccountID: Int64] = [:]
    private var takenOfLease: [GrantID: Int64] = [:]
    /// The most that may be taken of an account.
    private var ceilings: [AccountID: Int64] = [:]
    /// What must be posted, over all periods of a limit.
    private var posted: [AccountKey: Int64] = [:]
    /// What operators have found out, by tenant and meter.
    private var resolved: [AccountKey: Int64] = [:]
    private(set) var newestLife: [String: Int64] = [:]
    /// How much was used, leased or suspect, when: for each limit the last changes.
    private var outOfReach: [AccountKey: [(at: Int64, units: Int64)]] = [:]
}

// What nodes do.
extension NaiveCluster {
    mutating func make(_ id: String, _ use: Use, acknowledged: Bool) {
        var use = use
        use.isAcknowledged = acknowledged
        uses[id] = use
        idsByOperation[use.operation] = id
        take(use, sign: 1)
        records[Life(node: use.node, incarnation: use.incarnation), default: []].append(.made(id))
    }

    mutating func end(
        _ id: String,
        used: [MeterID: Int64],
        by operation: Int?,
        life: Life
    ) {
        records[life, default: []].append(.ended(id, used: used, by: operation))
        if uses[id]?.isDecided == true { return }
        setUsed(id, used, isEnded: true)
    }

    mutating func writeOther(_ life: Life) { records[life, default: []].append(.other) }

    mutating func acknowledge(operation: Int) {
        guard let id = idsByOperation[operation] else { return }
        uses[id]?.isAcknowledged = true
    }

    private mutating func setUsed(_ id: String, _ used: [MeterID: Int64], isEnded: Bool) {
        guard var use = uses[id] else { return }
        take(use, sign: -1)
        use.used = used
        use.isEnded = isEnded
        use.wasVoided = use.wasVoided || isEnded && used.isEmpty
        uses[id] = use
        take(use, sign: 1)
    }

    /// Counts what a use takes: never more than it was given, since the rest is an overage.
    private mutating func take(_ use: Use, sign: Int64) {
        for part in use.parts {
            let held = use.held[part.meter] ?? 0
            let units = use.wasVoided ? 0 : min(held, use.truth(of: part.meter)) * sign
            taken[part.account, default: 0] += units
            takenOfLease[part.lease, default: 0] += units
        }
    }

    /// A lost disk takes all records that are not folded; what is on its way to the ledger may
    /// still arrive there.
    mutating func loseDisk(_ life: Life) {
        for record in (records[life] ?? []).dropFirst(folded[life] ?? 0) {
            if case .made(let id) = record { uses[id]?.isLost = true }
        }
    }

    /// A power cut takes all records of a life from a place on.
    ///
    /// - Returns: what is wrong with that.
    mutating func lose(_ life: Life, from place: Int, mayLoseAcknowledged: Bool) -> String? {
        guard let all = records[life], place < all.count else { return nil }
        for record in all[place...] {
            switch record {
            case .made(let id):
                guard let use = uses[id] else { continue }
                if !use.isAcknowledged {
                    // Nobody was told, so nothing was used.
                    take(use, sign: -1)
                    uses[id] = nil
                } else if mayLoseAcknowledged {
                    uses[id]?.isLost = true
                } else {
                    return "use \(id) was acknowledged and is lost"
                }
            case .ended, .other: continue
            }
        }
        records[life] = Array(all[..<place])
        return nil
    }
}

// What the ledger does.
extension NaiveCluster {
    mutating func begin(_ holder: Holder) {
        newestLife[holder.name] = max(newestLife[holder.name] ?? 0, holder.incarnation)
    }

    /// The ledger has folded a life's journal up to a place.
    mutating func fold(_ life: Life, through place: Int) {
        let from = folded[life] ?? 0
        guard place > from, let all = records[life] else { return }
        folded[life] = place
        for record in all[from..<min(place, all.count)] {
            switch record {
            case .made(let id):
                uses[id]?.isLost = false
                guard let use = uses[id], !use.isReservation else { continue }
                book(id, use.held)
            case .ended(let id, let used, _):
                if uses[id]?.isDecided != true { book(id, used) }
            case .other: continue
            }
        }
    }

    /// The ledger has ended a reservation itself, or a meter of it.
    mutating func conclude(
        _ id: String,
        used: [MeterID: Int64],
        isEnded: Bool,
        isDecided: Bool
    ) {
        if isDecided { uses[id]?.isDecided = true }
        setUsed(id, used, isEnded: isEnded)
        book(id, used)
    }

    private mutating func book(_ id: String, _ units: [MeterID: Int64]) {
        guard let use = uses[id] else { return }
        for part in use.parts {
            let new = (units[part.meter] ?? 0) - (use.booked[part.meter] ?? 0)
            posted[part.account.key, default: 0] += new
        }
        uses[id]?.booked = units
    }

    /// An operator has found out what was used of a lease beyond what is known.
    ///
    /// It counts as usage where the limit is the longest of its tenant for the meter.
    mutating func resolve(_ lease: LeaseRecord, used: Int64, isLongest: Bool) {
        posted[lease.account.key, default: 0] += used
        if isLongest {
            resolved[AccountKey(tenant: lease.tenant, limit: lease.meter.text), default: 0] += used
        }
    }

    /// What was used of a lease and is not recorded anywhere.
    func lostUnits(of lease: GrantID) -> Int64 {
        uses.values.filter(\.isLost)
            .reduce(0) { sum, use in
                let parts = use.parts.filter { $0.lease == lease }
                return sum
                    + parts.reduce(0) {
                        $0 + use.truth(of: $1.meter) - (use.booked[$1.meter] ?? 0)
                    }
            }
    }

    /// All that was booked, by tenant and meter.
    var bookedByMeter: [AccountKey: Int64] {
        var sums = resolved
        for use in uses.values {
            for (meter, units) in use.booked {
                sums[AccountKey(tenant: use.tenant, limit: meter.text), default: 0] += units
            }
        }
        return sums
    }

    func isFolded(_ life: Life) -> Bool {
        (folded[life] ?? 0) >= (records[life]?.count ?? 0)
    }

    /// The capacity of an account was set while `used` of it were taken or leased.
    mutating func setCapacity(_ capacity: Int64, of account: AccountID, used: Int64) {
        guard let old = ceilings[account] else {
            ceilings[account] = capacity
            return
        }
        ceilings[account] = max(capacity, min(old, used))
    }

    mutating func note(taken units: Int64, of key: AccountKey, at time: Int64) {
        if outOfReach[key]?.last?.units == units { return }
        outOfReach[key, default: []].append((time, units))
        if let count = outOfReach[key]?.count, count > 64 { outOfReach[key]?.removeFirst(32) }
    }

    /// The most that was out of reach of a limit, since a time.
    func mostTaken(of key: AccountKey, since time: Int64) -> Int64 {
        var most: Int64 = 0
        for change in (outOfReach[key] ?? []).reversed() {
            most = max(most, change.units)
            if change.at < time { break }
        }
        return most
    }
}

// What must hold.
extension NaiveCluster {
    /// No overshoot: what was given is at most what there is.
    func overshoot() -> String? {
        for (account, units) in taken {
            guard let ceiling = ceilings[account], units > ceiling else { continue }
            return "overshoot: \(units) of \(ceiling) taken of \(account.key.limit)"
                + " of \(account.key.tenant)"
        }
        return nil
    }

    /// Every unit that was given came out of a lease that the ledger had charged and not taken
    /// back.
    func unleased(_ leases: [GrantID: LeaseRecord]) -> String? {
        for (id, lease) in leases {
            let units = takenOfLease[id] ?? 0
            let most = lease.grant.size - lease.grant.returned
            if units > most {
                return "\(units) units taken of lease \(id.text), which has \(most)"
            }
        }
        return nil
    }

    /// Everything that was folded is posted, once.
    func misposted(_ sums: [AccountKey: Int64]) -> String? {
        for (key, units) in sums where units != posted[key] ?? 0 {
            return "\(units) units posted on \(key.limit) of \(key.tenant), "
                + "\(posted[key] ?? 0) were used"
        }
        return nil
    }
}
