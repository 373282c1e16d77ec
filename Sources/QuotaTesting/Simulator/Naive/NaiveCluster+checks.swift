import QuotaEngine
import QuotaLedger
import QuotaModel

// What must hold.
extension NaiveCluster {
    /// No overshoot: what was given is at most what there is.
    func overshoot() -> String? {
        for (account, units) in taken where !unbounded.contains(account.key) {
            guard let ceiling = ceilings[account], units > ceiling + (credits[account] ?? 0)
            else { continue }
            return "overshoot: \(units) of \(ceiling) taken of \(account.key.limit)"
                + " of \(account.key.tenant)"
        }
        return nil
    }

    /// Whether a limit ever had more than it gives by itself.
    func isToppedUp(_ key: AccountKey) -> Bool { granted.keys.contains { $0.key == key } }

    /// What a period leaves to the next was not used in it, and will not be.
    func soldTwice(_ store: MemoryStore) -> String? {
        for (id, record) in store.accounts where record.account.extra > 0 {
            let key = id.key
            let past =
                store.accounts.values.filter { $0.key == key }
                + store.archives.map(\.record).filter { $0.key == key }
            guard let before = past.first(where: { $0.period.end == id.periodStart }),
                let ceiling = ceilings[before.id], !unbounded.contains(key)
            else { continue }
            let most = ceiling + (credits[before.id] ?? 0)
            let units = taken[before.id] ?? 0
            let inherited = record.account.extra - (granted[id] ?? 0)
            if units + inherited > most {
                return "\(units) of \(most) taken of \(key.limit) of \(key.tenant) in a period "
                    + "that left \(inherited) to the next"
            }
        }
        return nil
    }

    /// What was taken of a lease by uses that are given back because the record of their end is
    /// lost.
    private func takenOfVoided(_ lease: GrantID) -> Int64 {
        uses.values
            .filter { $0.isEndLost && $0.known?.wasVoided ?? false }
            .flatMap(\.taken)
            .reduce(0) { $0 + ($1.part.lease == lease ? $1.units : 0) }
    }

    /// Every unit that was given came out of a lease that the ledger had charged and not taken
    /// back.
    func unleased(_ leases: [GrantID: LeaseRecord]) -> String? {
        for (id, lease) in leases {
            let units = takenOfLease[id] ?? 0
            var most = lease.grant.size - lease.grant.returned
            if resolved.contains(id) {
                // What an operator found beside what a reservation holds was booked beyond it; and
                // a reservation that was in doubt then may have been voided since, though its node
                // had settled it: the record of that is lost.
                most += lease.grant.overage + takenOfVoided(id)
            }
            if units > most {
                return "\(units) units taken of lease \(id.text), which has \(most)"
            }
        }
        return nil
    }

    /// What was used in each hour, as far as it is booked.
    var hours: [Hour: Int64] {
        var sums = corrected
        for use in uses.values {
            for (meter, units) in use.booked {
                let hour = Hour(tenant: use.tenant, key: use.key, meter: meter, at: use.at)
                sums[hour, default: 0] += units
            }
        }
        return sums.filter { $0.value != 0 }
    }

    /// Each operation has one effect, and what the ledger knows of it is what happened.
    func forgotten() -> String? {
        for (id, use) in uses.sorted(by: { $0.key < $1.key }) {
            if idsByOperation[use.operation] != id, !use.isLost {
                return "operation \(use.operation) has two effects, and one is \(id)"
            }
            if use.isLost || use.isEndLost || use.hasLostExtension { continue }
            guard let known = use.known else { return "the ledger never heard of \(id)" }
            // Nobody has ended it, and the life that held it is over.
            if !known.isEnded, !use.truth.isEnded { continue }
            guard known == use.truth else {
                return "\(id) is \(use.truth.state) with \(use.truth.used.values.sorted()), "
                    + "the ledger has \(known.state) with \(known.used.values.sorted())"
            }
        }
        return nil
    }
}

extension NaiveCluster.Hour {
    init(tenant: TenantID, key: APIKeyID, meter: MeterID, at: Timestamp) {
        let length: Int64 = 3_600_000_000_000
        let past = at.nanoseconds % length
        self.init(
            tenant: tenant, key: key, meter: meter,
            hour: at.adding(nanoseconds: past < 0 ? -past - length : -past))
    }
}
