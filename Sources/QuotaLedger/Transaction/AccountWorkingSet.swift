import QuotaEngine
import QuotaModel

/// The accounts that a transaction has changed, each as it was committed and as it is now.
struct AccountWorkingSet {
    /// One account.
    struct Slot {
        /// The account as it was committed; nil for a new one.
        let before: Account?
        var record: AccountRecord
    }

    /// In the order in which they were first changed.
    private(set) var slots: [Slot] = []
    /// The newest account of a limit, where it was changed.
    private var newest: [AccountKey: Int] = [:]
    /// Changed accounts that are not the newest of their limit.
    private var older: [AccountID: Int] = [:]
    /// Accounts that are over, were changed, and whose successors may have to hear of it.
    private var ended: [AccountID] = []

    /// The changed newest account of a limit, be it closed by now.
    func newest(_ key: AccountKey) -> AccountRecord? {
        newest[key].map { slots[$0].record }
    }

    /// A changed account.
    func record(_ id: AccountID) -> AccountRecord? {
        slot(id).map { slots[$0].record }
    }

    /// Keeps an account's new state.
    ///
    /// `before` is the committed one, nil for a new account; it counts the first time only.
    mutating func stage(_ record: AccountRecord, before: Account?) {
        let id = record.id
        if record.account.state != .open, record.terms != nil { ended.append(id) }
        let known = slot(id)
        var record = record
        if let account = known.map({ slots[$0].record.account }) ?? before {
            record.lapseAgain(since: account)
        }
        if let known {
            slots[known].record = record
            return
        }
        slots.append(Slot(before: before, record: record))
        let slot = slots.count - 1
        // Only the newest account of a limit is open.
        guard record.account.state == .open else {
            older[id] = slot
            return
        }
        if let displaced = newest.updateValue(slot, forKey: record.key) {
            older[slots[displaced].record.id] = displaced
        }
    }

    /// Notes what was told of an account.
    mutating func setTold(_ told: PercentSet, at index: Int) { slots[index].record.told = told }

    /// An account that is over and was changed since it was last answered here.
    mutating func popEnded() -> AccountRecord? { ended.popLast().flatMap(record) }

    private func slot(_ id: AccountID) -> Int? {
        if let slot = newest[id.key], slots[slot].record.period.start == id.periodStart {
            return slot
        }
        return older.isEmpty ? nil : older[id]
    }
}

extension AccountWorkingSet.Slot {
    /// What the log says of the change; nil when no balance changed.
    var entry: Entry? {
        let after = record.account
        let entry = Entry(
            account: record.id,
            capacity: after.capacity - (before?.capacity ?? 0),
            available: after.available - (before?.available ?? 0),
            escrowed: after.escrowed - (before?.escrowed ?? 0),
            suspect: after.suspect - (before?.suspect ?? 0),
            posted: after.posted - (before?.posted ?? 0))
        return entry.isEmpty ? nil : entry
    }
}

extension Entry {
    fileprivate var isEmpty: Bool {
        capacity == 0 && available == 0 && escrowed == 0 && suspect == 0 && posted == 0
    }
}
