package import QuotaEngine
package import QuotaModel

// What an admitted request leads to, wherever it is admitted.
extension AdmitCommand {
    /// The reservation that a request makes.
    package func reservation(_ hold: HoldRequest, at now: Timestamp) -> Reservation {
        Reservation(
            id: hold.id,
            tenant: tenant,
            key: key,
            model: model,
            held: charges.map(\.charge),
            onExpiry: hold.onExpiry,
            admittedAt: now,
            expiresAt: now.adding(nanoseconds: hold.ttlNanoseconds),
            metadata: metadata,
            idempotencyKey: idempotency?.key,
            rates: demands.compactMap { demand in
                demand.limit.rate.map { rate in
                    Reservation.HeldRate(
                        limit: demand.limit.accountName, meter: demand.limit.limit.meter,
                        quantity: rate.quantity, burst: rate.burst,
                        windowNanoseconds: rate.windowNanoseconds)
                }
            })
    }

    /// Units beyond what the limits of a meter had, by meter: only where nothing refuses.
    package func overages(_ violations: [Violation]) -> [MeterID: Int64] {
        var overages: [MeterID: Int64] = [:]
        for violation in violations {
            let demand = demands[violation.index]
            let beyond = demand.amount - min(demand.amount, violation.available)
            overages[demand.limit.limit.meter, default: 0] = max(
                overages[demand.limit.limit.meter] ?? 0, beyond)
        }
        return overages
    }
}
