import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization
import UsageJournal

// The reservations that a node holds.
extension LeaseManager {
    private enum Ending: Sendable {
        case ended(Reservation, JournalMark)
        case isElsewhere
        case refused(ReservationError)
        case fails(JournalError)
    }

    /// Where a reservation is held, and whose it is.
    func place(of id: ReservationID) -> (LockedShard, TenantID)? {
        for shard in shards {
            if let tenant = shard.state.withLock({ $0.table.reservations[id] }) {
                return (shard, tenant)
            }
        }
        return nil
    }

    /// A reservation that is held here.
    func reservation(_ id: ReservationID) -> Reservation? {
        guard let (shard, tenant) = place(of: id) else { return nil }
        return reservation(id, of: tenant, in: shard)
    }

    /// A reservation that is held in a shard.
    func reservation(
        _ id: ReservationID,
        of tenant: TenantID,
        in shard: LockedShard
    ) -> Reservation? {
        shard.state.withLock { $0.table.tenants.peek(tenant)?.holds[id]?.reservation }
    }

    /// Ends a reservation.
    ///
    /// - Returns: how it ended, now or before.
    func conclude(_ command: ConcludeCommand) async throws(NodeError) -> ConcludeAnswer {
        if let (shard, tenant) = place(of: command.reservation) {
            guard command.tenant == nil || command.tenant == tenant else { return .notFound }
            let answer = try await conclude(
                command.reservation, of: tenant, command.event, note: command.note, in: shard)
            if let answer { return answer }
        }
        // It may have ended here a moment ago.
        try await fold()
        let answer: ConcludeAnswer
        do throws(LedgerError) { answer = try await ledger.conclude(command) } catch {
            throw .ledger(error)
        }
        if case .done(let reservation) = answer {
            let tenant = reservation.tenant
            for shard in shards {
                shard.state.withLock { $0.table.forgetRefusals(of: tenant) }
            }
        }
        return answer
    }

    /// Ends a reservation that is held here.
    ///
    /// - Returns: nil when it is not held here (any more).
    func conclude(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        note: String? = nil,
        in shard: LockedShard
    ) async throws(NodeError) -> ConcludeAnswer? {
        switch ending(id, of: tenant, event, note: note, in: shard) {
        case .ended(let reservation, let mark):
            try await journal.wait(for: mark)
            return .done(reservation)
        case .refused(let error): return .refused(error)
        case .fails(let error): throw .journal(error)
        case .isElsewhere: return nil
        }
    }

    /// Ends a reservation that is held here, for who does not wait for the disk.
    ///
    /// - Returns: nil when it can't end so, and then nothing has changed.
    func concludeAtOnce(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        note: String?
    ) -> Reservation? {
        // Where a tenant's requests are decided, unless it has come to an organization or left one.
        let near = shard(named: tenant.text)
        switch ending(id, of: tenant, event, note: note, in: near) {
        case .ended(let reservation, _): return reservation
        case .refused, .fails: return nil
        case .isElsewhere: break
        }
        guard let (shard, owner) = place(of: id), owner == tenant,
            case .ended(let reservation, _) = ending(
                id, of: tenant, event, note: note, in: shard)
        else { return nil }
        return reservation
    }

    private func ending(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        note: String?,
        in shard: LockedShard
    ) -> Ending {
        let (now, steady) = (clock(), steadyClock())
        return shard.state.withLock { locked -> Ending in
            do throws(ReservationError) {
                guard
                    let (ended, entry) = try locked.table.conclusion(
                        of: id, of: tenant, event, note: note, now: now)
                else { return .isElsewhere }
                return end(ended, entry, &locked, steady: steady)
            } catch {
                return .refused(error)
            }
        }
    }

    private func end(
        _ ended: Reservation,
        _ entry: JournalEntry,
        _ shard: inout Shard,
        steady: Timestamp
    ) -> Ending {
        do throws(JournalError) {
            let mark = try write(entry, &shard)
            shard.table.end(ended, steady: steady)
            return .ended(ended, mark)
        } catch {
            return .fails(error)
        }
    }
}
