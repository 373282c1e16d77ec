import QuotaEngine
import QuotaLedger
import QuotaModel

// Where use has to be posted.
extension NaiveCluster {
    /// Puts what a transaction had to post to the accounts that it belongs to.
    ///
    /// Use belongs to the period it was admitted in, and to the current one when that is closed.
    /// Where it closed in the same transaction, either may be; what went there is looked up.
    /// - Parameters:
    ///   - store: the rows after the transaction.
    ///   - archives: how many archives there were before it.
    /// - Returns: what is wrong.
    mutating func settlePostings(_ store: MemoryStore, archives: Int) -> String? {
        if postings.isEmpty { return nil }
        defer { postings = [] }
        var closing: [AccountID: Int64] = [:]
        for archive in store.archives[archives...] {
            closing[archive.record.id] = archive.record.account.posted
        }
        var loose: [AccountID: Int64] = [:]
        for posting in postings {
            let account = posting.account
            if store.accounts[account] != nil {
                posted[account, default: 0] += posting.units
            } else if closing[account] != nil {
                loose[account, default: 0] += posting.units
                if let use = posting.use { uses[use]?.mayAdjust = true }
            } else {
                postLate(posting.units, account, store)
                if let use = posting.use { uses[use]?.adjusts.insert(account.periodStart) }
            }
        }
        for (account, units) in loose {
            let there = (closing[account] ?? 0) - (posted[account] ?? 0)
            guard (0...units).contains(there) else {
                return "\(there) units were posted on \(account.key.limit) of \(account.key.tenant)"
                    + " as it closed, at most \(units) were used"
            }
            posted[account, default: 0] += there
            postLate(units - there, account, store)
        }
        return nil
    }

    private mutating func postLate(_ units: Int64, _ account: AccountID, _ store: MemoryStore) {
        if units == 0 { return }
        let start = store.newest[account.key] ?? account.periodStart
        posted[AccountID(key: account.key, periodStart: start), default: 0] += units
    }

    /// Everything that the ledger was told is posted where it belongs, once.
    func misposted(_ store: MemoryStore) -> String? {
        for (id, record) in store.accounts where record.account.posted != posted[id] ?? 0 {
            return misposted(id, record.account.posted)
        }
        for archive in store.archives {
            let id = archive.record.id
            if archive.record.account.posted == posted[id] ?? 0 { continue }
            return misposted(id, archive.record.account.posted)
        }
        return nil
    }

    private func misposted(_ id: AccountID, _ units: Int64) -> String {
        "\(units) units posted on \(id.key.limit) of \(id.key.tenant) since \(id.periodStart), "
            + "\(posted[id] ?? 0) were used"
    }
}
