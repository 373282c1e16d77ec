package import QuotaEngine
package import QuotaLedger
package import QuotaModel

extension LeaseTable {
    /// What became of a request.
    package enum Admission: Sendable {
        /// The units are taken; the entry has to be written before the answer.
        case admitted(AdmitOutcome, JournalEntry)
        /// A limit refuses.
        case refused(AdmitOutcome)
        /// Leases are short: this draw has to be sent, and then the request asked again. The
        /// entries have to be written first.
        case draws(DrawCommand, [JournalEntry])
        /// Use beyond what was held, and the end of leases whose account may be closed, have to
        /// reach the ledger before it is asked for more: give back what is over, fold the journal,
        /// then ask again.
        ///
        /// Just after a period's end that is not so: what its leases have left goes back with the
        /// draw, and what was used of them counts as used for what is carried, posted or not.
        case owes
        /// A draw of the tenant is under way: ask again when it is answered.
        case waits
        /// The ledger may know more of the buckets of these rates: look, install what it tells, and
        /// ask again.
        case looks([Demand])
        /// The reservation can't take more.
        case cannotExtend(ExtensionError)
    }

    /// How a demand stands.
    enum Standing {
        case lease(LeaseIndex)
        case bucket(TokenBucket)
        case unknownBucket
        /// What is held at once.
        case slots(held: Int64)
        case refused(Account, Period)
        /// Not leased; how the balances stand, where that is known well enough to be told.
        case short(Account?, Period?)
    }

    /// Takes all units of a request from the leases and buckets of its tenant, or none.
    ///
    /// - Parameters:
    ///   - request: what is asked; its idempotency claim is the caller's affair.
    ///   - now: the wall clock, which says to which period use belongs.
    ///   - steady: a clock that nobody can set.
    ///   - sequence: gives the numbers of new leases.
    ///   - isImmediate: whether nobody else can be asked: what is short waits then, and nothing has
    ///     changed.
    /// - Returns: what became of it.
    package mutating func admit(
        _ request: AdmitCommand,
        now: Timestamp,
        steady: Timestamp,
        sequence: LeaseSequence,
        isImmediate: Bool = false
    ) -> Admission {
        var state = take(request.tenant)
        state.countSlots(for: request.demands)
        let admission: Admission
        do throws(ExtensionError) {
            admission = admit(
                try extending(request, state, now: now), from: &state, now: now, steady: steady,
                sequence: sequence, isImmediate: isImmediate)
        } catch {
            admission = .cannotExtend(error)
        }
        put(state, request.tenant)
        return admission
    }

    private mutating func admit(
        _ request: AdmitCommand,
        from state: inout TenantState,
        now: Timestamp,
        steady: Timestamp,
        sequence: LeaseSequence,
        isImmediate: Bool
    ) -> Admission {
        let standings = request.demands.map { demand in
            standing(of: demand, of: request, state, steady: steady)
        }
        let unknown = standings.indices.filter { standings[$0].isUnknown }
        if !unknown.isEmpty { return .looks(unknown.map { request.demands[$0] }) }
        if let refusal = refusal(request, standings, state, now: now) {
            return .refused(refusal)
        }
        // What is remembered as refused has to be asked for again, where it does not refuse.
        let shorts = standings.indices.filter { !standings[$0].isReady }
        if shorts.isEmpty {
            if let hold = request.extending.flatMap({ state.holds[$0] }),
                !hasRoom(hold, for: request, standings, state)
            {
                return .cannotExtend(.tooManyPieces)
            }
            return take(request, from: &state, standings, now: now, steady: steady)
        }
        if state.draw != nil || isImmediate { return .waits }
        let owes = shorts.contains { index in
            let key = request.demands[index].limit.accountKey(of: request.tenant)
            guard let account = state.accounts[key] else { return false }
            return account.owes || account.isBehind(steady)
        }
        if owes { return .owes }
        let (draw, entries) = draw(
            shorts.map { request.demands[$0] }, request, from: &state, steady: steady,
            sequence: sequence)
        return .draws(draw, entries)
    }

    /// Takes an entry back that could not be written; what it took of rates stays taken.
    package mutating func undo(_ entry: JournalEntry, tenant: TenantID) {
        var state = take(tenant)
        switch entry {
        case .used(let consumption):
            for use in consumption.uses {
                for (lease, account) in zip(use.leases, use.accounts) {
                    state.accounts[account]?
                        .change(lease) { $0.used -= use.charge.charge.amount }
                }
            }
        case .held(let hold):
            for piece in hold.pieces {
                state.accounts[piece.account]?.change(piece.lease) { $0.held -= piece.units }
            }
            _ = state.removeHold(hold.reservation.id)
            reservations[hold.reservation.id] = nil
        case .extended(let extended):
            for piece in extended.pieces {
                state.accounts[piece.account]?.change(piece.lease) { $0.held -= piece.units }
            }
            state.shrink(by: extended)
        case .closed(let lease):
            if let place = places.removeValue(forKey: lease) {
                state.accounts[place.account]?.change(lease) { $0.isClosed = false }
            }
        case .concluded: assertionFailure("an end is written before it takes effect")
        }
        put(state, tenant)
    }

    private func standing(
        of demand: Demand,
        of request: AdmitCommand,
        _ state: TenantState,
        steady: Timestamp
    ) -> Standing {
        let key = demand.limit.accountKey(of: request.tenant)
        if demand.limit.limit.window.kind == .concurrency {
            assert(state.slots != nil, "what is held is counted before it is asked for")
            return .slots(held: state.slots?.held(demand.limit.limit, key: request.key) ?? 0)
        }
        if demand.limit.limit.window.kind == .rate {
            let bucket = bucket(of: demand, key, state, steady: steady)
            return bucket.map { .bucket($0) } ?? .unknownBucket
        }
        guard let place = state.accounts.index(forKey: key) else { return .short(nil, nil) }
        let known = state.accounts.values[place]
        let revision = demand.limit.revision
        if steady < lapsesAt,
            let lease = known.lease(
                for: demand.amount,
                revision: omitted.contains(.revisionsFence) ? .min : revision,
                epoch: omitted.contains(.epochsFence) ? nil : epoch, steady: steady)
        {
            return .lease(LeaseIndex(account: place, lease: lease))
        }
        guard let snapshot = known.snapshot, let account = known.account else {
            return .short(nil, nil)
        }
        if omitted.contains(.refusalsEnd), let refusal = known.refusal {
            if demand.amount >= refusal.amount { return .refused(account, snapshot.period) }
        } else if known.refuses(
            demand.amount, revision: revision, growth: growth[key] ?? 0, steady: steady),
            demand.amount > account.available
        {
            return .refused(account, snapshot.period)
        }
        guard known.isFresh(steady) else { return .short(nil, nil) }
        return .short(account, snapshot.period)
    }

    /// The outcome when a limit refuses that needs no question; nil when none does, or when the
    /// others are not known well enough to be told.
    private func refusal(
        _ request: AdmitCommand,
        _ standings: [Standing],
        _ state: TenantState,
        now: Timestamp
    ) -> AdmitOutcome? {
        guard request.isEnforced else { return nil }
        let refuses = request.demands.indices.contains { index in
            let demand = request.demands[index]
            guard demand.limit.limit.mode == .enforce else { return false }
            switch standings[index] {
            case .refused: return true
            case .bucket(let bucket):
                return demand.violation(index: index, state: .bucket(bucket), now: now) != nil
            case .slots(let held):
                return demand.violation(index: index, state: .slots(held: held), now: now) != nil
            case .lease, .short, .unknownBucket: return false
            }
        }
        guard refuses, let states = states(standings, state) else { return nil }
        return AdmitOutcome(
            isAdmitted: false,
            violations: violations(request, standings, state, now: now),
            states: states, now: now, reservation: nil, madeStoreCall: false)
    }

    /// The balances behind each demand; nil where some have to be asked for.
    private func states(_ standings: [Standing], _ state: TenantState) -> [LimitState]? {
        var states: [LimitState] = []
        states.reserveCapacity(standings.count)
        for standing in standings {
            guard let balance = self.state(behind: standing, state) else { return nil }
            states.append(balance)
        }
        return states
    }

    /// The balances behind a demand; nil when they have to be asked for.
    private func state(behind standing: Standing, _ state: TenantState) -> LimitState? {
        switch standing {
        case .bucket(let bucket): return .bucket(bucket)
        case .slots(let held): return .slots(held: held)
        case .unknownBucket: return nil
        case .refused(let account, let period): return .account(account, period)
        case .short(let account, let period):
            guard let account, let period else { return nil }
            return .account(account, period)
        case .lease(let place):
            let known = state.accounts.values[place.account]
            guard let snapshot = known.snapshot, let account = known.account else { return nil }
            return .account(account, snapshot.period)
        }
    }

    /// The limits that refuse, or would if they were enforced; a lease has room.
    private func violations(
        _ request: AdmitCommand,
        _ standings: [Standing],
        _ state: TenantState,
        now: Timestamp
    ) -> [Violation] {
        request.demands.indices.compactMap { index in
            let demand = request.demands[index]
            if case .lease = standings[index], request.isEnforced,
                demand.limit.limit.mode == .enforce
            {
                return nil
            }
            guard let balance = self.state(behind: standings[index], state) else { return nil }
            return demand.violation(index: index, state: balance, now: now)
        }
    }

    /// Takes from every lease and bucket.
    private mutating func take(
        _ request: AdmitCommand,
        from state: inout TenantState,
        _ standings: [Standing],
        now: Timestamp,
        steady: Timestamp
    ) -> Admission {
        let violations = violations(request, standings, state, now: now)
        var after = standings
        let shared = request.demands.first { $0.limit.organization != nil }
        if let organization = shared?.limit.organization { state.organization = organization }
        var pieces: [Hold.Piece] = []
        for (index, demand) in request.demands.enumerated() {
            switch standings[index] {
            case .bucket(var bucket):
                guard let rate = demand.limit.rate else { continue }
                let key = demand.limit.accountKey(of: request.tenant)
                _ = bucket.take(demand.amount, rate, enforced: false)
                keep(bucket, rate, key, isShared: demand.limit.organization != nil, &state)
                after[index] = .bucket(bucket)
            case .slots(let held): after[index] = .slots(held: held + demand.amount)
            case .lease(let place):
                let isHeld = request.hold != nil || request.extending != nil
                let lease = state.accounts.values[place.account].leases[place.lease]
                    .take(demand.amount, isHeld: isHeld, at: steady)
                pieces.append(
                    Hold.Piece(
                        meter: demand.limit.limit.meter,
                        account: state.accounts.keys[place.account], lease: lease,
                        units: demand.amount))
            case .refused, .short, .unknownBucket:
                assertionFailure("what is short can't be taken from")
            }
        }
        let entry = entry(request, pieces, violations, now: now)
        var reservation: Reservation?
        if case .held(let hold) = entry {
            reservation = hold.reservation
            state.insert(hold)
            reservations[hold.reservation.id] = request.tenant
        } else if case .extended(let extended) = entry, let grown = state.grow(by: extended) {
            reservation = grown
            owe(extended.added, of: grown, &state, steady: steady)
        }
        let outcome = AdmitOutcome(
            isAdmitted: true, violations: violations,
            states: states(after, state) ?? [], now: now,
            reservation: reservation, madeStoreCall: false)
        return .admitted(outcome, entry)
    }

    private func entry(
        _ request: AdmitCommand,
        _ pieces: [Hold.Piece],
        _ violations: [Violation],
        now: Timestamp
    ) -> JournalEntry {
        if let id = request.extending {
            let added = request.charges.map(\.charge).filter { $0.amount > 0 }
            return .extended(
                HoldExtension(
                    id: id, tenant: request.tenant, added: added,
                    // As the journal has them.
                    pieces: added.flatMap { charge in pieces.filter { $0.meter == charge.meter } },
                    at: now))
        }
        if let hold = request.hold {
            return .held(
                Hold(
                    reservation: request.reservation(hold, at: now),
                    recordings: request.charges.map(\.recording), pieces: pieces, answer: nil,
                    isTransient: hold.isTransient))
        }
        let overages = violations.isEmpty ? [:] : request.overages(violations)
        return .used(
            Consumption(
                id: request.decisionID, tenant: request.tenant, key: request.key,
                model: request.model, at: now,
                uses: request.charges.map { charge in
                    ChargedUse(
                        charge: charge, overage: overages[charge.charge.meter] ?? 0,
                        leases: pieces.filter { $0.meter == charge.charge.meter }.map(\.lease),
                        accounts: pieces.filter { $0.meter == charge.charge.meter }
                            .map(\.account))
                },
                metadata: request.metadata, idempotencyKey: request.idempotency?.key,
                answer: nil))
    }
}

/// Which of the leases of an account.
struct LeaseIndex: Sendable {
    /// Among the accounts of the tenant, as they are.
    let account: Dictionary<AccountKey, LeasedAccount>.Index
    let lease: Int
}

extension HeldLease {
    /// Takes units that are there.
    ///
    /// - Returns: the lease.
    fileprivate mutating func take(
        _ units: Int64,
        isHeld: Bool,
        at steady: Timestamp
    ) -> GrantID {
        assert(free >= units, "a lease has room for what is taken from it")
        if isHeld { held += units } else { used += units }
        usedAt = steady
        assert(isWithin, "a lease has what was taken from it")
        return id
    }
}

extension LeaseTable.Standing {
    /// Whether units can be taken from it.
    fileprivate var isReady: Bool {
        switch self {
        case .lease, .bucket, .slots: true
        case .refused, .short, .unknownBucket: false
        }
    }

    fileprivate var isUnknown: Bool {
        if case .unknownBucket = self { true } else { false }
    }
}
