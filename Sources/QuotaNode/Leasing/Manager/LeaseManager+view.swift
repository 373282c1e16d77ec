import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

// Balances for who only looks.
extension LeaseManager {
    /// How often the ledger is asked again when leases come and go meanwhile.
    private static let maximumLooks = 4

    /// The balances behind limits, exactly: what the ledger tells, with what is leased to this node
    /// and not used told apart.
    func view(_ entry: TenantEntry, _ demands: [Demand]) async throws(NodeError) -> LimitView {
        try await view(entry.view(demands), in: shard(of: entry.tenant))
    }

    /// The balances behind limits whose leases lie in one shard.
    func view(
        _ command: ViewCommand,
        in shard: LockedShard
    ) async throws(NodeError) -> LimitView {
        let keys = Set(command.demands.map { $0.limit.accountKey(of: command.tenant) })
        var looks = 0
        while true {
            // What is held is told apart from what was used, where there is any.
            if shard.state.withLock({ $0.table.knows(keys) }) { try await foldIfPossible() }
            let before = shard.state.withLock { $0.table.outstanding(of: keys) }
            let view: LimitView
            do throws(LedgerError) { view = try await ledger.view(command) } catch {
                throw .ledger(error)
            }
            let steady = steadyClock()
            looks += 1
            let seen = shard.state.withLock { shard -> LimitView? in
                let now = shard.table.outstanding(of: keys)
                guard now.isLike(before) || looks == Self.maximumLooks else { return nil }
                return shard.table.adjust(view, command, now, steady: steady)
            }
            if let seen { return seen }
        }
    }
}
