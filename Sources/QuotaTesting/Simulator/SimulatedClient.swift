import QuotaEngine
import QuotaLedger
import QuotaModel

/// A client of a simulated cluster: what it asked for, and what it heard.
struct SimulatedClient {
    enum Answer: Equatable {
        case admitted(ReservationID?)
        case refused
        case unavailable
        case ended(Bool)
        case extended
    }

    /// What a client wants, until it hears of it.
    struct Operation {
        enum Kind {
            case consume
            case reserve(ttlNanoseconds: Int64, Reservation.OnExpiry)
            case conclude(ReservationID, ReservationEvent)
            case extend(ReservationID)
        }

        let id: Int
        let kind: Kind
        let tenant: TenantID
        let node: Int
        let amounts: [MeterID: Int64]
        /// Whether the ledger was asked, not a node.
        let isDirect: Bool
        var answer: Answer?
    }

    var operations: [Operation] = []
    /// Reservations that clients know of and have not ended.
    var open: [(id: ReservationID, operation: Int)] = []
    /// What they were given on top.
    var added: [ReservationID: [MeterID: Int64]] = [:]
}

extension SimulatedClient.Operation {
    /// What its answer is kept under.
    var idempotencyID: IdempotencyID {
        IdempotencyID(tenant: tenant, key: ExactString("\(id)"))
    }

    /// The key that its use is booked under.
    var key: APIKeyID { id.isMultiple(of: 3) ? APIKeyID(trusted: "k") : .service }

    /// The question to a node or the ledger, under these limits.
    func command(
        _ plan: SimulationPlan,
        _ limits: [CompiledLimit],
        id: String,
        firstGrant: GrantID = GrantID(holder: "", incarnation: 0, sequence: 0)
    ) -> AdmitCommand {
        var hold: HoldRequest?
        if case .reserve(let ttl, let onExpiry) = kind {
            hold = HoldRequest(
                id: ReservationID(trusted: "r_\(id)"), ttlNanoseconds: ttl, onExpiry: onExpiry,
                firstGrant: firstGrant)
        }
        let kept = hold.map(\.id.text) ?? ""
        let charges = amounts.sorted { $0.key < $1.key }
            .map { meter, amount in
                MeteredCharge(
                    charge: Charge(meter: meter, amount: amount),
                    recording: meter == SimulationPlan.tokens ? .event : .hourly)
            }
        var command = AdmitCommand(
            tenant: tenant, key: key, model: nil, charges: charges,
            demands: limits.compactMap { limit in
                amounts[limit.limit.meter].map { Demand(limit: limit, amount: $0) }
            },
            calendar: SimulationPlan.calendar,
            isEnforced: plan.tenant(tenant)?.isEnforced ?? true, decisionID: "d_\(id)",
            hold: hold,
            idempotency: self.id.isMultiple(of: 2)
                ? IdempotencyClaim(
                    key: idempotencyID.key, fingerprint: [], windowNanoseconds: .max,
                    render: { _ in
                        StoredAnswer(status: 200, headers: [:], body: Array(kept.utf8))
                    }) : nil,
            metadata: self.id.isMultiple(of: 5) ? "{}" : nil)
        if case .extend(let reservation) = kind {
            command.extending = reservation
            command.demands.removeAll { $0.limit.rate != nil }
        }
        return command
    }

    /// What the naive count has to know when it is admitted.
    func use(
        _ id: String,
        _ command: AdmitCommand,
        parts: [NaiveUse.Part],
        life: NaiveCluster.Life?,
        at: Timestamp
    ) -> (NaiveUse, rates: [(units: Int64, rate: TokenBucket.Rate, key: AccountKey)]) {
        var onExpiry: Reservation.OnExpiry?
        var expiresAt = at
        if let hold = command.hold {
            onExpiry = hold.onExpiry
            expiresAt = at.adding(nanoseconds: hold.ttlNanoseconds)
        }
        let rates = command.demands.filter { $0.limit.rate != nil }
        let use = NaiveUse(
            id: id, tenant: tenant, operation: self.id, life: life, key: key, at: at,
            heldAtFirst: amounts, partsAtFirst: parts,
            rates: rates.map { ($0.limit.limit.meter, $0.limit.accountKey(of: tenant)) },
            onExpiry: onExpiry, expiresAt: expiresAt, isEnforced: command.isEnforced,
            truth: command.hold == nil
                ? NaiveOutcome(state: .settled, used: amounts) : NaiveOutcome(state: .held))
        return (
            use,
            rates.compactMap { demand in
                demand.limit.rate.map {
                    (demand.amount, $0, demand.limit.accountKey(of: tenant))
                }
            }
        )
    }
}
