import QuotaEngine
import QuotaLedger
import QuotaModel

// What the ledger does.
extension NaiveCluster {
    mutating func begin(_ holder: Holder) {
        newestLife[holder.name] = max(newestLife[holder.name] ?? 0, holder.incarnation)
    }

    /// The ledger has folded a life's journal up to a place.
    ///
    /// - Returns: the uses whose end was in it, or what is wrong.
    mutating func fold(_ life: Life, through place: Int) {
        let from = folded[life] ?? 0
        guard place > from, let all = records[life] else { return }
        folded[life] = place
        for record in all[from..<min(place, all.count)] {
            switch record {
            case .made(let id):
                guard var use = uses[id] else { continue }
                use.isLost = false
                let state: Reservation.State = use.isReservation ? .held : .settled
                use.known = NaiveOutcome(
                    state: state, used: use.isReservation ? [:] : use.heldAtFirst)
                uses[id] = use
                count(use)
                book(id)
            case .extended(let id, let number, _):
                guard let use = uses[id], !use.isDecided else { continue }
                uses[id]?.extensions[number].isTold = true
                uses[id]?.extensions[number].isLost = false
            case .ended(let id, let event, _, _):
                if uses[id]?.isDecided ?? false { continue }
                guard let outcome = uses[id]?.afterwards(event) else { continue }
                uses[id]?.isEndLost = false
                learn(id, outcome)
            case .other: continue
            }
        }
    }

    /// The ledger has ended a life.
    mutating func end(_ life: Life, isComplete: Bool) {
        guard ended.insert(life).inserted, !isComplete else { return }
        // What was held may have ended, and nobody knows.
        for (id, use) in uses where use.life == life && use.known?.state == .held {
            uses[id]?.known?.state = .suspect
        }
    }

    /// The ledger knows now how a use ended, and books it.
    mutating func learn(_ id: String, _ outcome: NaiveOutcome) {
        uses[id]?.known = outcome
        book(id)
    }

    /// An admitted request counts for its key and day.
    mutating func count(_ use: NaiveUse) {
        let day = KeyDay(key: use.key, date: use.at.date, tenant: use.tenant)
        counted[day, default: 0] += 1
    }

    /// Books what is known of a use and not booked yet.
    mutating func book(_ id: String) {
        guard let use = uses[id], let known = use.known else { return }
        let (old, new) = (use.posted(use.booked), use.posted(known.used))
        for (place, part) in use.toldParts.enumerated() where new[place] != old[place] {
            postings.append(
                Posting(account: part.account, units: new[place] - old[place], use: id))
        }
        uses[id]?.booked = known.used
    }

    /// An operator has found out what was used of a lease beyond what is known.
    ///
    /// - Parameters:
    ///   - lease: the lease.
    ///   - used: how much it was.
    ///   - at: when it counts as usage; nil where another lease stands for the same use.
    mutating func resolve(_ lease: LeaseRecord, used: Int64, countingAt at: Timestamp?) {
        if let at, used != 0 {
            let hour = Hour(tenant: lease.tenant, key: .service, meter: lease.meter, at: at)
            corrected[hour, default: 0] += used
        }
        resolved.insert(lease.grant.id)
        postings.append(Posting(account: lease.account, units: used, use: nil))
        for (id, use) in uses {
            let units = use.lostUnits(of: lease.grant.id)
            if units > 0 { uses[id]?.found[lease.grant.id, default: 0] += units }
        }
    }

    /// What was used of a lease and is not recorded anywhere.
    func lostUnits(of lease: GrantID) -> Int64 {
        uses.values.reduce(0) { $0 + $1.lostUnits(of: lease) }
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
