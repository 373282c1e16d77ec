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
    var accounts = AccountWorkingSet()
    /// How many commands were run.
    private var commands: Int64 = 0
    private var stagedGrants: [ReservationID: [GrantID]] = [:]
    /// Accounts whose period was ended by hand.
    var resets: Set<AccountID> = []
    /// Accounts that are being closed: what ends with one may have units of an older period of the
    /// same limit, and asks for it to be closed again.
    var closing: Set<AccountID> = []
    /// Where among the events to append those of corrections and imports are, by id.
    var stagedCorrections: [ExactString: [Int]] = [:]

    /// Rules that are left out; only tests leave out any.
    let omitted: OmittedRules

    /// Begins a transaction.
    package init(
        reader: Reader,
        now: Timestamp,
        steady: Timestamp,
        omitted: OmittedRules = []
    ) throws(LedgerError) {
        self.omitted = omitted
        self.reader = reader
        self.now = now
        self.steady = steady
        changes = LedgerChanges(
            head: try reader.head(), transaction: try reader.transactionCount() + 1, now: now)
    }

    /// Runs one command.
    package mutating func run(_ command: LedgerCommand) throws(LedgerError) -> LedgerAnswer {
        commands += 1
        let answer = try answer(command)
        try raiseCarries()
        return answer
    }

    private mutating func answer(_ command: LedgerCommand) throws(LedgerError) -> LedgerAnswer {
        switch command {
        case .admit(let admit): .admitted(try run(admit))
        case .conclude(let conclude): .concluded(try run(conclude))
        case .view(let view): .viewed(try run(view))
        case .refresh(let view): .viewed(try refresh(view))
        case .sweep(let sweep): .swept(try run(sweep))
        case .allocate(let allocate): .allocated(try run(allocate))
        case .reset(let reset): .reset(try run(reset))
        case .resolve(let resolve): .concluded(try run(resolve))
        case .adjust(let adjust): .adjusted(try run(adjust))
        case .topUp(let topUp): .toppedUp(try run(topUp))
        case .importUsage(let use): try run(use)
        case .beginHolder(let begin): try self.begin(begin)
        case .endHolder(let end): try self.end(end) ? .changed(revision: 0) : .notFound
        case .draw(let draw): .drawn(try run(draw))
        case .listLeases(let holder): .leases(try answeredLeases(of: holder))
        case .fold(let fold): .folded(try run(fold))
        case .audited(let command, let note): try run(command, note)
        default: try change(command)
        }
    }

    /// Runs one command that changes tenants, keys, plans, meters, organizations or settings.
    private mutating func change(_ command: LedgerCommand) throws(LedgerError) -> LedgerAnswer {
        switch command {
        case .createTenant(let tenant): try create(tenant)
        case .updateTenant(let tenant): try update(tenant)
        case .createKey(let key): try create(key)
        case .updateKey(let key): try update(key)
        case .touchKeys(let uses): touch(uses)
        case .createOrganization(let organization):
            try self.organization(organization.id) == nil ? put(organization) : .alreadyExists
        case .putOrganization(let organization): put(organization)
        case .deleteOrganization(let id): try deleteOrganization(id)
        case .putOverride(let override): try put(override)
        case .createOverride(let override):
            try self.override(override.id) == nil ? put(override) : .alreadyExists
        case .deleteOverride(let id): try deleteOverride(id)
        case .createPlan(let plan): try planExists(plan.id) ? .alreadyExists : put(plan)
        case .putPlan(let plan): put(plan)
        case .deletePlan(let id): try deletePlan(id)
        case .createMeter(let meter): try create(meter)
        case .updateMeter(let meter): try update(meter)
        case .putSetting(let name, let value): putSetting(name, value)
        case .createSetting(let name, let value): try createSetting(name, value)
        case .createEndpoint(let endpoint): try create(endpoint)
        case .updateEndpoint(let endpoint, let known): try update(endpoint, replacing: known)
        case .deleteEndpoint(let id): try deleteEndpoint(id)
        case .recordDeliveries(let reports): try record(reports)
        case .replay(let replay): try run(replay)
        default: .notFound
        }
    }

    /// Runs a command and notes it when it changed something.
    private mutating func run(
        _ command: LedgerCommand,
        _ note: AuditNote
    ) throws(LedgerError) -> LedgerAnswer {
        let answer = try run(command)
        guard answer.hasChanged else { return answer }
        var note = note
        // Whose grant it was is known only now.
        switch answer {
        case .concluded(.done(let reservation)): note.tenant = reservation.tenant
        case .concluded(.leaseResolved(let lease)): note.tenant = lease.tenant
        default: break
        }
        changes.notes.append(note)
        return answer
    }

    /// Ends the transaction: the changes to write, with the entries that account for them.
    package mutating func finish() throws(LedgerError) -> LedgerChanges {
        sumDays()
        try markExceeded()
        try announce()
        var entries: [Entry] = []
        for slot in accounts.slots {
            guard slot.record.account.isConserved else {
                throw LedgerError(
                    .invariant,
                    "account \(slot.record.key.limit) would not add up; nothing was written")
            }
            if slot.record.account.state == .closed {
                changes.archives.append(ArchiveRecord(record: slot.record, closedAt: now))
            } else {
                changes.accounts.append(slot.record)
            }
            if let entry = slot.entry { entries.append(entry) }
        }
        if !entries.isEmpty {
            let batch = EntryBatch(after: changes.head, committedAt: now, entries: entries)
            changes.head.batch = batch.number
            changes.head.hash = batch.hash
            changes.batch = batch
        }
        chainNotes()
        return changes
    }
}

extension LedgerTransaction {
    /// Chains the notes behind the entries, whose head they name.
    private mutating func chainNotes() {
        for note in changes.notes {
            let link = AuditLink(after: changes.head, at: now, note: note)
            changes.head.audit = link.entry.number
            changes.head.auditHash = link.hash
            changes.audit.append(link)
        }
    }
}

// What the transaction sees: its own changes, else what is committed.
extension LedgerTransaction {
    /// The newest account of a limit that is not closed.
    func currentAccount(_ key: AccountKey) throws(LedgerError) -> AccountRecord? {
        var found = accounts.newest(key)
        if found == nil, let stored = try reader.currentAccount(key) {
            found = accounts.record(stored.id) ?? stored
        }
        return found?.account.state == .closed ? nil : found
    }

    /// An account that is not closed.
    func account(_ id: AccountID) throws(LedgerError) -> AccountRecord? {
        guard let staged = accounts.record(id) else { return try reader.account(id) }
        return staged.account.state == .closed ? nil : staged
    }

    /// The newest closed account of a limit that has no current one.
    func lastClosed(_ key: AccountKey) throws(LedgerError) -> AccountRecord? {
        if let staged = accounts.newest(key) { return staged }
        let archived = try reader.lastArchived(key)
        // The store's current account may be one that this transaction has closed.
        guard let current = try reader.currentAccount(key),
            let staged = accounts.record(current.id)
        else { return archived }
        return staged
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

    func holder(_ id: Holder) throws(LedgerError) -> HolderRecord? {
        if let staged = changes.holders[id] { return staged }
        return try reader.holder(id)
    }

    /// The lives of a node, the oldest first; of those that are over perhaps only the newest.
    func holders(named name: String) throws(LedgerError) -> [HolderRecord] {
        let staged = changes.holders.values.filter { $0.id.name == name }
        let stored = try reader.holders(named: name)
        let all = stored.filter { changes.holders[$0.id] == nil } + staged
        return all.sorted { $0.id.incarnation < $1.id.incarnation }
    }

    func lease(_ id: GrantID) throws(LedgerError) -> LeaseRecord? {
        if changes.forgottenLeases.contains(id) { return nil }
        if let staged = changes.leases[id] { return staged }
        return try reader.lease(id)
    }

    func unclosedLeases(of account: AccountID) throws(LedgerError) -> [LeaseRecord] {
        overlay(try reader.unclosedLeases(of: account)) { $0.account == account }
    }

    func unclosedLeases(of holder: Holder) throws(LedgerError) -> [LeaseRecord] {
        overlay(try reader.unclosedLeases(of: holder)) { $0.holder == holder }
    }

    private func overlay(
        _ stored: [LeaseRecord],
        _ belongs: (LeaseRecord) -> Bool
    ) -> [LeaseRecord] {
        let staged = changes.leases.values.filter(belongs)
        let all =
            stored.filter { record in
                let id = record.grant.id
                return changes.leases[id] == nil && !changes.forgottenLeases.contains(id)
            } + staged
        return all.filter { $0.grant.state != .closed }
            .sorted { $0.grant.id.place < $1.grant.id.place }
    }

    func pieces(of id: ReservationID) throws(LedgerError) -> [HeldPiece] {
        if let staged = changes.pieces[id] { return staged }
        return try reader.pieces(of: id)
    }

    func owner(of id: ReservationID) throws(LedgerError) -> Holder? {
        if let staged = changes.owners[id] { return staged }
        return try reader.owner(of: id)
    }

    func ownedReservations(of holder: Holder) throws(LedgerError) -> [ReservationID] {
        let staged = changes.owners.filter { $0.value == holder }
        let stored = try reader.ownedReservations(of: holder)
        return stored.filter { changes.owners[$0] == nil } + staged.keys.sorted()
    }

    func unclosedGrants(of account: AccountID) throws(LedgerError) -> [GrantRecord] {
        let staged = changes.grants.values.filter { $0.account == account }
        let stored = try reader.unclosedGrants(of: account)
        return overlay(staged: staged, on: stored).filter { $0.grant.state != .closed }
    }

    private func overlay(staged: [GrantRecord], on stored: [GrantRecord]) -> [GrantRecord] {
        let stagedIDs = Set(staged.map(\.grant.id))
        let all = stored.filter { !stagedIDs.contains($0.grant.id) } + staged
        return all.sorted { $0.grant.id.place < $1.grant.id.place }
    }
}

extension GrantID {
    /// Where it stands among others, in the same place in every store.
    fileprivate var place: (Int64, String, Int64) { (sequence, holder, incarnation) }
}

// Staging.
extension LedgerTransaction {
    /// Keeps a lease's new state; one that is closed and can't be asked for again is forgotten.
    mutating func stage(_ lease: LeaseRecord) {
        let id = lease.grant.id
        // Of a life that is over, reservations may still name it; and the rest of a lease whose
        // period closed under it accounts for what was suspect then.
        if lease.grant.state == .closed, lease.grant.rest == 0,
            let holder = changes.holders[lease.holder],
            holder.state == .live, id.sequence < holder.floor
        {
            changes.leases[id] = nil
            changes.forgottenLeases.insert(id)
        } else {
            changes.leases[id] = lease
        }
    }

    /// Orders snapshots: larger numbers are of later states.
    var order: Int64 {
        let hasChanged = !changes.isEmpty || !accounts.slots.isEmpty
        // Until something has changed, this is the state that the transaction before has left.
        return hasChanged
            ? changes.transaction << 20 + commands : (changes.transaction - 1) << 20 + 0xF_FFFF
    }

    /// Keeps a grant's new state.
    mutating func stage(_ record: GrantRecord) {
        if changes.grants.updateValue(record, forKey: record.grant.id) == nil {
            stagedGrants[record.reservation, default: []].append(record.grant.id)
        }
    }
}
