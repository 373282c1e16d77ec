import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting

/// Answers as a ledger does that knows every tenant and has enough for all, and keeps nothing: what
/// memory is used is the node's.
struct GenerousAnswers: StandInAnswers {
    let plan: PlanID
    /// The units of each lease.
    private static let slice: Int64 = 1_000

    func tenant(_ id: TenantID) -> Tenant? {
        Tenant(id: id, plan: plan, createdAt: .distantPast, revision: 1)
    }

    func answer(_ command: LedgerCommand) -> LedgerAnswer? {
        switch command {
        case .draw(let draw) where !draw.wants.isEmpty: .drawn(grant(draw))
        case .fold: .folded(.folded([], epoch: 0))
        default: nil
        }
    }

    private func grant(_ draw: DrawCommand) -> DrawAnswer {
        let now = BenchClock.now()
        let grants = draw.wants.map { Grant(id: $0.lease, size: Self.slice) }
        let snapshots = zip(draw.wants, grants)
            .map { want, grant in
                let limit = want.demand.limit
                let capacity = limit.limit.quantity ?? Amount.unlimitedCapacity
                return AccountSnapshot(
                    tenant: draw.tenant, key: limit.accountKey(of: draw.tenant),
                    period: draw.calendar.period(of: limit.limit.window, containing: now)
                        ?? .lifetime,
                    account: Account(
                        capacity: capacity, available: capacity - grant.size,
                        escrowed: grant.size, suspect: 0, posted: 0,
                        isUnlimited: limit.limit.quantity == nil, state: .open,
                        limitRevision: limit.revision, version: 1),
                    leases: [grant], at: now, order: grant.id.sequence)
            }
        return .granted(grants, accounts: snapshots)
    }
}
