import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// What must be true when everything has come to rest.
extension Simulation {
    func checkRest() throws(SimulationFailure) {
        for (id, record) in store.accounts {
            let account = record.account
            guard account.escrowed == 0 else {
                throw fail(
                    "\(account.escrowed) units of \(id.key.limit) of \(id.key.tenant) are held by"
                        + " nobody")
            }
        }
        try checkSuspects()
        if let wrong = naive.forgotten() { throw fail(wrong) }
    }

    /// What is suspect at rest is so for a reason: its life is over and its journal was cut or
    /// lost, or its period is over.
    private func checkSuspects() throws(SimulationFailure) {
        for (id, lease) in store.leases where lease.grant.state != .closed {
            if store.accounts[lease.account] == nil { continue }
            let journal = nodes.first { $0.name == lease.holder.name }?
                .disk[lease.holder.incarnation]
            let mayBeIncomplete = journal.map { $0.isCut && !plan.isDurable } ?? true
            guard store.holders[lease.holder]?.state == .ended, mayBeIncomplete else {
                throw fail("lease \(id.text) is \(lease.grant.state) and belongs to nobody")
            }
        }
        for grant in store.grants.values where grant.grant.state == .suspect {
            guard
                store.reservations[grant.reservation]?.state == .suspect
                    || store.accounts[grant.account] == nil
            else { throw fail("grant \(grant.grant.id.text) is suspect without a reason") }
        }
    }

    /// Operators find out what nobody knows; then nothing is left over.
    mutating func resolveAll() throws(SimulationFailure) {
        for id in store.reservations.keys.sorted() {
            guard let row = store.reservations[id], row.state == .suspect,
                let use = naive.uses[id.text]
            else { continue }
            let charges = row.held.map {
                Charge(meter: $0.meter, amount: use.truth.units(of: $0.meter, held: use.held))
            }
            try commit(
                .conclude(ConcludeCommand(reservation: id, tenant: nil, event: .settle(charges))))
        }
        let suspects = store.leases.values.filter { $0.grant.state == .suspect }
            .sorted { $0.grant.id.text < $1.grant.id.text }
        for lease in suspects { try resolve(lease) }
        for (id, record) in store.accounts where record.account.suspect != 0 {
            throw fail(
                "\(record.account.suspect) units of \(id.key.limit) of \(id.key.tenant) stay "
                    + "suspect when all is known")
        }
        for id in Set(store.owners.keys).union(store.pieces.keys) {
            throw fail("\(id) is over, and something is still held for it")
        }
        if let wrong = naive.forgotten() { throw fail(wrong) }
    }
}
