import QuotaEngine
package import QuotaModel

/// The ledger's logic, the same for every store: reads and commands in, changes and answers out.
///
/// A transaction runs a batch of commands one after the other; each sees what those before it
/// changed. A command stages its changes only when it succeeds whole. Nothing is written here:
/// ``finish()`` answers what the store has to write in its own transaction.
package struct LedgerTransaction<Reader: TransactionReader> {
    let reader: Reader
    /// The transaction's time: the ledger's clock decides which period is open.
    package let now: Timestamp
    /// A clock that nobody can set, for rates.
    let steady: Timestamp
    var changes: LedgerChanges
    /// Accounts as they were committed, to tell what this transaction changed; nil for new ones.
    private var committed: [AccountID: Account?] = [:]
    private var currentAccounts: [AccountKey: AccountID] = [:]
    private var stagedGrants: [ReservationID: [GrantID]] = [:]

    /// Begins a transaction.
    package init(reader: Reader, now: Timestamp, steady: Timestamp) throws(LedgerError) {
        self.reader = reader
        self.now = now
        self.steady = steady
        changes = LedgerChanges(head: try reader.head())
    }

    /// Runs one command.
    package mutating func run(_ command: LedgerCommand) throws(LedgerError) -> LedgerAnswer {
        switch command {
        case .admit(let admit): .admitted(try run(admit))
        case .conclude(let conclude): .concluded(try run(conclude))
        case .view(let view): .viewed(try run(view))
        case .sweep(let sweep): .swept(try run(sweep))
        case .createTenant(let tenant): try create(tenant)
        case .createKey(let key): try create(key)
        case .putPlan(let plan): put(plan)
        case .createMeter(let meter): try create(meter)
        case .putSetting(let name, let value): putSetting(name, value)
        }
    }

    /// Ends the transaction: the changes to write, with the entries that account for them.
    package mutating func finish() throws(LedgerError) -> LedgerChanges {
        let touched =
            Array(changes.accounts.values) + changes.archives.map(\.record)
        for record in touched where !record.account.isConserved {
            throw LedgerError(
                .invariant,
                "account \(record.key.limit) of a tenant would not add up; nothing was written")
        }
        let entries = touched.compactMap(entry)
        if !entries.isEmpty {
            let batch = EntryBatch(after: changes.head, committedAt: now, entries: entries)
            changes.head.batch = batch.number
            changes.head.hash = batch.hash
            changes.batch = batch
        }
        return changes
    }

    private func entry(for record: AccountRecord) -> Entry? {
        let before = (committed[record.id] ?? nil).map(Balances.init) ?? Balances()
        let after = Balances(record.account)
        if before == after { return nil }
        return Entry(
            account: record.id,
            capacity: after.capacity - before.capacity,
            available: after.available - before.available,
            escrowed: after.escrowed - before.escrowed,
            suspect: after.suspect - before.suspect,
            posted: after.posted - before.posted)
    }
}

/// The five balances of an account.
private struct Balances: Equatable {
    var capacity: Int64 = 0
    var available: Int64 = 0
    var escrowed: Int64 = 0
    var suspect: Int64 = 0
    var posted: Int64 = 0

    init() {}

    init(_ account: Account) {
        capacity = account.capacity
        available = account.available
        escrowed = account.escrowed
        suspect = account.suspect
        posted = account.posted
    }
}

// What the transaction sees: its own changes, else what is committed.
extension LedgerTransaction {
    mutating func currentAccount(_ key: AccountKey) throws(LedgerError) -> AccountRecord? {
        if let id = currentAccounts[key] { return changes.accounts[id] }
        guard let record = try reader.currentAccount(key) else { return nil }
        return changes.accounts[record.id] ?? record
    }

    func account(_ id: AccountID) throws(LedgerError) -> AccountRecord? {
        if let staged = changes.accounts[id] { return staged }
        if changes.archives.contains(where: { $0.record.id == id }) { return nil }
        return try reader.account(id)
    }

    func bucket(_ key: AccountKey) throws(LedgerError) -> TokenBucket {
        if let staged = changes.buckets[key] { return staged.bucket }
        return try reader.bucket(key)?.bucket ?? TokenBucket(updatedAt: steady)
    }

    func reservation(_ id: ReservationID) throws(LedgerError) -> Reservation? {
        if let staged = changes.reservations[id] { return staged }
        return try reader.reservation(id)
    }

    func grants(of reservation: ReservationID) throws(LedgerError) -> [GrantRecord] {
        let staged = (stagedGrants[reservation] ?? []).compactMap { changes.grants[$0] }
        let stored = try reader.grants(of: reservation)
        return overlay(staged: staged, on: stored)
    }

    func unclosedGrants(of account: AccountID) throws(LedgerError) -> [GrantRecord] {
        let staged = changes.grants.values.filter { $0.account == account }
        let stored = try reader.unclosedGrants(of: account)
        return overlay(staged: staged, on: stored).filter { $0.grant.state != .closed }
    }

    private func overlay(staged: [GrantRecord], on stored: [GrantRecord]) -> [GrantRecord] {
        let stagedIDs = Set(staged.map(\.grant.id))
        let all = stored.filter { !stagedIDs.contains($0.grant.id) } + staged
        return all.sorted { $0.grant.id.sequence < $1.grant.id.sequence }
    }
}

// Staging.
extension LedgerTransaction {
    /// Keeps an account's new state; `before` is the committed one, nil for a new account.
    mutating func stage(_ record: AccountRecord, isNew: Bool = false) throws(LedgerError) {
        let id = record.id
        if committed[id] == nil {
            committed[id] = isNew ? .some(nil) : .some(try reader.account(id)?.account)
        }
        if record.account.state == .closed {
            changes.accounts[id] = nil
            changes.archives.append(ArchiveRecord(record: record, closedAt: now))
            if currentAccounts[record.key] == id { currentAccounts[record.key] = nil }
        } else {
            changes.accounts[id] = record
            if record.account.state == .open { currentAccounts[record.key] = id }
        }
    }

    /// Keeps a grant's new state.
    mutating func stage(_ record: GrantRecord) {
        if changes.grants.updateValue(record, forKey: record.grant.id) == nil {
            stagedGrants[record.reservation, default: []].append(record.grant.id)
        }
    }
}
