import QuotaLedger
import QuotaModel

// What the other nodes of a fleet do.
extension QuotaNode {
    /// Whether this node does what only one of a fleet has to do; a node alone does it.
    public var leads: Bool { (ledger as? any SharedLedger)?.isLeader ?? true }

    /// Hears what other nodes have changed, or ask for, until the task is cancelled; a node alone
    /// has nobody to hear.
    ///
    /// - Throws: ``NodeError/ledger(_:)`` when nothing is heard any more; call it again then.
    package func hear() async throws(NodeError) {
        guard let shared = ledger as? any SharedLedger else { return }
        do throws(LedgerError) {
            try await shared.hear { await self.hear($0) }
        } catch {
            throw .ledger(error)
        }
    }

    /// Whether there may be other nodes.
    package var isShared: Bool { ledger is any SharedLedger }

    func hear(_ news: LedgerNews) async {
        switch news {
        case .tenant(let id): directory.forget(id)
        case .key(let publicID, let tenant):
            verifiedKeys.forget(publicID: publicID)
            if let tenant { directory.forget(tenant) }
        case .directory:
            verifiedKeys.clear()
            // What can't be read now is read when it is asked for, or with the next news.
            do throws(LedgerError) { try await directory.reloadPlansAndMeters() } catch {
                _ = directory.clear()
            }
        case .recall(let account):
            do throws(NodeError) { try await leases.surrender(account) } catch {
                // Whoever has asked gets it when it is given back for idleness.
            }
        }
    }
}
