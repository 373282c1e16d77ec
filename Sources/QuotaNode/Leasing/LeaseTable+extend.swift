import QuotaEngine
import QuotaLedger
import QuotaModel

// Holds that take more units.
extension LeaseTable {
    /// A request as it stands beside what its reservation holds; the request itself when it extends
    /// none.
    ///
    /// A limit that the hold was not made under is asked for all that is held from now on, so that
    /// each limit covers all of it, and what was used within it is nobody's overage.
    func extending(
        _ request: AdmitCommand,
        _ state: TenantState,
        now: Timestamp
    ) throws(ExtensionError) -> AdmitCommand {
        guard let id = request.extending else { return request }
        guard let hold = state.holds[id], now < hold.reservation.expiresAt else { throw .notHeld }
        let held = hold.reservation.held
        for (index, charge) in request.charges.map(\.charge).enumerated() {
            guard let known = held.first(where: { $0.meter == charge.meter }) else {
                throw .meterNotHeld(charge.meter, index: index)
            }
            // Two amounts of at most 2^53 can't leave 64 bits.
            guard known.amount + charge.amount <= Amount.maximum else {
                throw .tooLarge(charge.meter, index: index)
            }
        }
        var extended = request
        extended.demands = request.demands.filter { $0.amount > 0 }
            .map { demand in
                let key = demand.limit.accountKey(of: request.tenant)
                if hold.pieceCount(of: key) > 0 { return demand }
                let known = held.first { $0.meter == demand.limit.limit.meter }?.amount ?? 0
                return Demand(limit: demand.limit, amount: demand.amount + known)
            }
        return extended
    }

    /// Whether a hold may have another piece of each account whose lease is new to it.
    func hasRoom(
        _ hold: Hold,
        for request: AdmitCommand,
        _ standings: [Standing],
        _ state: TenantState
    ) -> Bool {
        zip(request.demands, standings)
            .allSatisfy { demand, standing in
                guard case .lease(let place) = standing else { return true }
                let (key, account) = state.accounts[place.account]
                return hold.holds(of: account.leases[place.lease].id)
                    || hold.pieceCount(of: key) < HoldExtension.maximumPiecesPerAccount
            }
    }
}
