import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization
import UsageJournal

// Requests for units.
extension LeaseManager {
    /// What a request has come to.
    enum Step: Sendable {
        /// It is answered, once the journal is safe up to here.
        case answered(AdmitAnswer, JournalMark?)
        /// This has to be asked, and then the request again.
        case draws(DrawCommand, JournalMark?)
        /// The ledger has to be asked about these rates.
        case looks([Demand])
        /// The journal has to be folded.
        case owes
        /// A draw of the tenant is under way.
        case waits
        /// Too many wait for the disk.
        case crowded
        /// It can't be written into the journal.
        case fails(JournalError)
        /// The reservation can't take more.
        case cannotExtend(ExtensionError)
    }

    /// Decides as far as that needs nobody else.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - shard: where its tenant is.
    ///   - isImmediate: whether nobody else can be asked; then nothing has changed when somebody
    ///     had to be.
    /// - Returns: what it has come to.
    func attempt(
        _ request: AdmitCommand,
        in shard: LockedShard,
        isImmediate: Bool = false
    ) -> Step {
        if journal.isCrowded(shard.stream) { return .crowded }
        let (now, steady) = (clock(), steadyClock())
        return shard.state.withLock {
            attempt(request, &$0, now: now, steady: steady, isImmediate: isImmediate)
        }
    }

    private func attempt(
        _ request: AdmitCommand,
        _ shard: inout Shard,
        now: Timestamp,
        steady: Timestamp,
        isImmediate: Bool = false
    ) -> Step {
        let admission = shard.table.admit(
            request, now: now, steady: steady, sequence: sequence, isImmediate: isImmediate)
        switch admission {
        case .admitted(let outcome, var entry):
            var record: IdempotencyRecord?
            if let claim = request.idempotency {
                let made = IdempotencyRecord(
                    id: IdempotencyID(tenant: request.tenant, key: claim.key),
                    fingerprint: claim.fingerprint, answer: claim.render(outcome),
                    createdAt: outcome.now)
                entry.attach(made)
                record = made
            }
            do throws(JournalError) {
                let mark = try write(entry, &shard)
                if let record {
                    answers.withLock { $0[record.id] = PendingAnswer(record: record, mark: mark) }
                }
                return .answered(.decided(outcome, stored: record?.answer), mark)
            } catch {
                shard.table.undo(entry, tenant: request.tenant)
                return .fails(error)
            }
        case .refused(let outcome): return .answered(.decided(outcome, stored: nil), nil)
        case .draws(let draw, let entries):
            do throws(JournalError) {
                try write(entries, of: draw.tenant, &shard)
                return .draws(draw, shard.mark)
            } catch {
                shard.table.withdraw(draw, sequence: sequence)
                return .fails(error)
            }
        case .owes: return .owes
        case .waits: return .waits
        case .looks(let demands): return .looks(demands)
        case .cannotExtend(let error): return .cannotExtend(error)
        }
    }

    /// Writes an entry; it survives the process when this returns.
    ///
    /// - Throws: what the journal throws; then nobody will ever read a part of it.
    func write(
        _ entry: JournalEntry,
        _ shard: inout Shard
    ) throws(JournalError) -> JournalMark {
        do throws(JournalError) {
            let position = try shard.writer.write(entry)
            return JournalMark(stream: shard.writer.stream, position: position)
        } catch {
            journal.tell(error)
            throw error
        }
    }

    /// Writes the ends of leases; what can't be written has not ended.
    func write(
        _ entries: [JournalEntry],
        of tenant: TenantID,
        _ shard: inout Shard
    ) throws(JournalError) {
        for (index, entry) in entries.enumerated() {
            do throws(JournalError) {
                _ = try write(entry, &shard)
            } catch {
                for rest in entries[index...] { shard.table.undo(rest, tenant: tenant) }
                throw error
            }
        }
    }

    /// Goes on with a request whose leases were short.
    ///
    /// - Returns: its answer; nil when the limits that it names are old.
    func finish(
        _ request: AdmitCommand,
        in shard: LockedShard,
        after first: Step
    ) async throws(NodeError) -> AdmitAnswer? {
        var step = first
        var rounds = 0
        var hasRecalled = false
        while true {
            switch step {
            case .answered(let answer, let mark):
                try await journal.wait(for: mark)
                if case .decided(let outcome, let stored) = answer, rounds > 0 {
                    return .decided(outcome.afterStoreCall, stored: stored)
                }
                return answer
            case .fails(let error) where error.code == .tooLarge && request.extending == nil:
                return try await askLedger(request, in: shard)
            case .fails(let error): throw .journal(error)
            case .crowded:
                throw .ledger(LedgerError(.busy, "too many requests wait for the disk; try again"))
            case .cannotExtend(let error): throw .cannotExtend(error, request.extending)
            case .owes:
                rounds += 1
                try await giveBack(request.tenant, in: shard, everything: true)
                try await fold()
            case .waits: await waitForDraw(of: request.tenant, in: shard)
            case .looks(let demands):
                rounds += 1
                try await look(demands, request, in: shard)
            case .draws(let draw, let mark):
                do throws(NodeError) { try await journal.wait(for: mark) } catch {
                    abandon(draw, in: shard)
                    throw error
                }
                let sentAt = steadyClock()
                let answer = try await send(draw, in: shard)
                let drawn = Draw(command: draw, answer: answer, sentAt: sentAt)
                switch try await take(drawn, request, in: shard, recalls: !hasRecalled) {
                case .next(let next):
                    rounds += 1
                    step = next
                    guard rounds > Self.maximumRounds, case .draws(let last, _) = next else {
                        continue
                    }
                    abandon(last, in: shard)
                case .recalled: hasRecalled = true
                case .outdated: return nil
                }
            }
            if rounds > Self.maximumRounds {
                throw .ledger(LedgerError(.busy, "the tenant's limits are contended; try again"))
            }
            step = attempt(request, in: shard)
        }
    }

    /// Lets the ledger decide: the request is too large for a record of the journal.
    private func askLedger(
        _ request: AdmitCommand,
        in shard: LockedShard
    ) async throws(NodeError) -> AdmitAnswer {
        let accounts = request.demands.map { $0.limit.accountKey(of: request.tenant) }
        try await recall(accounts, except: request.tenant, in: shard)
        try await recall(request.tenant)
        do throws(LedgerError) { return try await ledger.admit(request) } catch {
            throw .ledger(error)
        }
    }

    private enum Drawn {
        case next(Step)
        case recalled
        case outdated
    }

    /// A draw that was answered.
    private struct Draw: Sendable {
        let command: DrawCommand
        let answer: DrawAnswer
        let sentAt: Timestamp
    }

    /// Takes the answer to a draw in, and decides the request that it was for at once: what was
    /// leased for it is not for others.
    private func take(
        _ draw: Draw,
        _ request: AdmitCommand,
        in shard: LockedShard,
        recalls: Bool
    ) async throws(NodeError) -> Drawn {
        switch draw.answer {
        case .refused(_, _, let accounts) where recalls && !accounts.isEmpty:
            install(draw, in: shard)
            try await recall(accounts, except: request.tenant, in: shard)
            await recallElsewhere(accounts)
            return .recalled
        case .outdated:
            install(draw, in: shard)
            return .outdated
        case .outOfRange:
            install(draw, in: shard)
            throw .outOfRange
        case .fenced:
            install(draw, in: shard)
            throw .ledger(
                LedgerError(.closed, "another life of node \"\(holder.name)\" has begun"))
        case .granted, .refused, .silent, .stale:
            return .next(install(draw, in: shard, then: request))
        }
    }

    /// Asks other nodes to give back, and waits a moment for it.
    private func recallElsewhere(_ accounts: [AccountKey]) async {
        guard let shared = ledger as? any SharedLedger else { return }
        do throws(LedgerError) { try await shared.recall(accounts) } catch {
            // The ledger is asked again anyway, and says why it can't be.
            return
        }
        await pause(Self.recallPatience)
    }

    /// Asks the ledger, which has heard of the node then.
    private func send(
        _ draw: DrawCommand,
        in shard: LockedShard
    ) async throws(NodeError) -> DrawAnswer {
        let sentAt = steadyClock()
        do throws(LedgerError) {
            let answer = try await ledger.draw(draw)
            shard.state.withLock { $0.table.acknowledge(sentAt: sentAt) }
            return answer
        } catch {
            // What a ledger could not commit it has not done; where nobody knows it, it is closed.
            abandon(draw, in: shard)
            throw .ledger(error)
        }
    }

    /// A draw is not sent, or had no effect: others may draw.
    private func abandon(_ draw: DrawCommand, in shard: LockedShard) {
        let waiting = shard.state.withLock { shard in
            shard.table.withdraw(draw, sequence: sequence)
            return shard.takeWaiting(draw.tenant)
        }
        for continuation in waiting { continuation.resume() }
    }

    private func install(_ draw: Draw, in shard: LockedShard) {
        let steady = steadyClock()
        let waiting = shard.state.withLock { shard in
            shard.table.install(
                draw.answer, to: draw.command, sentAt: draw.sentAt, steady: steady,
                sequence: sequence)
            return shard.takeWaiting(draw.command.tenant)
        }
        for continuation in waiting { continuation.resume() }
    }

    private func install(
        _ draw: Draw,
        in shard: LockedShard,
        then request: AdmitCommand
    ) -> Step {
        let (now, steady) = (clock(), steadyClock())
        let (step, waiting) = shard.state.withLock { locked in
            locked.table.install(
                draw.answer, to: draw.command, sentAt: draw.sentAt, steady: steady,
                sequence: sequence)
            let step = attempt(request, &locked, now: now, steady: steady)
            // Whoever waits goes on waiting when the request draws again.
            if case .draws = step { return (step, [CheckedContinuation<Void, Never>]()) }
            return (step, locked.takeWaiting(draw.command.tenant))
        }
        for continuation in waiting { continuation.resume() }
        return step
    }

    /// Learns what the ledger knows of rates.
    private func look(
        _ demands: [Demand],
        _ request: AdmitCommand,
        in shard: LockedShard
    ) async throws(NodeError) {
        let view: LimitView
        do throws(LedgerError) {
            view = try await ledger.view(
                ViewCommand(
                    tenant: request.tenant, demands: demands, calendar: request.calendar,
                    organizationCalendar: request.organizationCalendar))
        } catch {
            throw .ledger(error)
        }
        shard.state.withLock {
            $0.table.install(view.states, of: demands, tenant: request.tenant)
        }
    }
}

extension AdmitOutcome {
    /// The same, with a call to the store on the way.
    fileprivate var afterStoreCall: AdmitOutcome {
        AdmitOutcome(
            isAdmitted: isAdmitted, violations: violations, states: states, now: now,
            reservation: reservation, madeStoreCall: true)
    }
}

extension NodeError {
    /// A reservation can't take more.
    fileprivate static func cannotExtend(
        _ error: ExtensionError,
        _ id: ReservationID?
    ) -> NodeError {
        switch error {
        case .notHeld: .reservationNotFound(id ?? ReservationID(trusted: ""))
        case .meterNotHeld(let meter, let index): .meterNotHeld(meter, chargeIndex: index)
        case .tooLarge(let meter, let index): .chargesTooLarge(meter, chargeIndex: index)
        case .tooManyPieces:
            .conflict(
                "the reservation holds of \(HoldExtension.maximumPiecesPerAccount) leases of a "
                    + "limit; settle it and make another")
        }
    }

    /// The journal could not take what was decided; nothing was.
    static func journal(_ error: JournalError) -> NodeError {
        switch error.code {
        case .full, .diskFull: .ledger(LedgerError(.diskFull, error.description))
        case .closed: .ledger(LedgerError(.closed, error.description))
        default: .ledger(LedgerError(.broken, error.description))
        }
    }
}
