import QuotaModel

/// Checks that the entries of each account add up to its balances, and that these add up.
///
/// Takes all entries first and then all accounts and archives of the same moment. Memory grows with
/// the number of accounts. Sums wrap around as the counters would: balances lie within 64 bits, so
/// that equal sums are equal balances.
package struct EntryFoldCheck: Sendable {
    fileprivate struct Sums {
        var capacity: Int64 = 0
        var available: Int64 = 0
        var escrowed: Int64 = 0
        var suspect: Int64 = 0
        var posted: Int64 = 0
        var hasAccount = false
    }

    /// What the fold found so far.
    package private(set) var result = LedgerCheckResult(.fold, "accounts", "archives")
    /// What was found of the conservation in each account.
    package private(set) var conservation = LedgerCheckResult(.conservation, "accounts")
    private var sums: [AccountID: Sums] = [:]

    /// A check that has seen nothing.
    package init() {}

    /// Takes an entry of the log.
    package mutating func take(_ entry: Entry) {
        sums[entry.account, default: Sums()].add(entry)
    }

    /// Takes the balances of an account, as they are stored.
    package mutating func take(account: Entry, isArchived: Bool) {
        result.count(isArchived ? 1 : 0)
        conservation.count()
        let place = account.account.place(isArchived: isArchived)
        conserve(account, at: place)
        guard let sums = sums[account.account] else {
            // An account that was opened for nothing has changed nothing and has no entry.
            if account.isZero { return }
            return result.add(
                place, found: "balances without entries",
                expected: "entries that add up to them")
        }
        if sums.hasAccount {
            return result.add(
                place, found: "a second row of the account",
                expected: "one row in accounts or in archives")
        }
        self.sums[account.account]?.hasAccount = true
        compare(place, "capacity", account.capacity, sums.capacity)
        compare(place, "available", account.available, sums.available)
        compare(place, "escrowed", account.escrowed, sums.escrowed)
        compare(place, "suspect", account.suspect, sums.suspect)
        compare(place, "posted", account.posted, sums.posted)
    }

    /// How many accounts have entries.
    package var accountCount: Int { sums.count }

    /// The accounts with entries that were not taken yet, in no order.
    package var unseen: [AccountID] { sums.filter { !$0.value.hasAccount }.map(\.key) }

    /// Forgets which accounts were taken and what was found, and keeps the entries: accounts can be
    /// taken anew, as of a later moment.
    package mutating func restart() {
        result = LedgerCheckResult(.fold, "accounts", "archives")
        conservation = LedgerCheckResult(.conservation, "accounts")
        for account in sums.keys { sums[account]?.hasAccount = false }
    }

    /// Looks for entries whose account is gone.
    package mutating func finish() {
        let left = sums.filter { !$0.value.hasAccount }.keys
        for account in left.sorted(by: { $0.order < $1.order }) {
            result.add(
                account.place(isArchived: false), found: "no row, here or in archives",
                expected: "the account of its entries")
        }
    }

    private mutating func compare(
        _ place: @autoclosure () -> String,
        _ balance: String,
        _ found: Int64,
        _ expected: Int64
    ) {
        if found == expected { return }
        result.add(
            place(), found: "\(balance) \(found)",
            expected: "\(balance) \(expected), the sum of its entries")
    }

    private mutating func conserve(_ account: Entry, at place: @autoclosure () -> String) {
        let held = Int128(account.escrowed) + Int128(account.suspect) + Int128(account.posted)
        let sum = Int128(account.available) + held
        if Int128(account.capacity) != sum {
            conservation.add(
                place(), found: "capacity \(account.capacity)",
                expected: "\(sum), available + escrowed + suspect + posted")
        } else if account.escrowed < 0 || account.suspect < 0 || account.posted < 0 {
            conservation.add(
                place(),
                found: "escrowed \(account.escrowed), suspect \(account.suspect), "
                    + "posted \(account.posted)",
                expected: "none of them below 0")
        }
    }
}

extension EntryFoldCheck.Sums {
    fileprivate mutating func add(_ entry: Entry) {
        capacity &+= entry.capacity
        available &+= entry.available
        escrowed &+= entry.escrowed
        suspect &+= entry.suspect
        posted &+= entry.posted
    }
}

extension Entry {
    fileprivate var isZero: Bool {
        capacity == 0 && available == 0 && escrowed == 0 && suspect == 0 && posted == 0
    }
}
