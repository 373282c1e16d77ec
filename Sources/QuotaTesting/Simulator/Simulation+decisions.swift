import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// What nodes decide, and whether they may.
extension Simulation {
    mutating func serve(_ request: SimulatedNode.Request, _ node: Int) throws(SimulationFailure) {
        guard nodes[node].state == .up else { return }
        let operation = client.operations[request.operation]
        // An answer that waits for the disk is not given away before.
        if nodes[node].replies.contains(where: { $0.operation == operation.id }) { return }
        if let kept = keptAnswer(operation, node) { return reply(kept, request.operation) }
        switch operation.kind {
        case .consume, .reserve, .extend: try decide(operation, request, node)
        case .conclude(let id, let event): try conclude(id, event, operation, node)
        }
    }

    private func keptAnswer(
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) -> SimulatedClient.Answer? {
        if let kept = nodes[node].kept[operation.id] { return kept }
        guard let stored = store.answers[operation.idempotencyID] else { return nil }
        let text = String(decoding: stored.answer.body, as: UTF8.self)
        return .admitted(text.isEmpty ? nil : ReservationID(trusted: text))
    }

    mutating func reply(_ answer: SimulatedClient.Answer, _ operation: Int) {
        send(.answer(answer, operation: operation))
    }

    private mutating func decide(
        _ operation: SimulatedClient.Operation,
        _ request: SimulatedNode.Request,
        _ node: Int
    ) throws(SimulationFailure) {
        let command = command(operation, node)
        let admission = nodes[node].admit(command, now: wall(node), steady: now)
        switch admission {
        case .admitted(let outcome, var entry):
            try checkStates(outcome)
            var answer = SimulatedClient.Answer.admitted(outcome.reservation?.id)
            if case .extended = entry {
                answer = .extended
            } else {
                entry.keep(answer: outcome.reservation?.id.text ?? "", of: operation)
            }
            nodes[node].kept[operation.id] = answer
            try record(entry, command, operation, node)
            write(entry, node)
            finish(answer, operation.id, node)
        case .refused(let outcome):
            try checkStates(outcome)
            try checkRefusal(operation, request, command, node)
            reply(.refused, operation.id)
        case .draws(let draw, let entries):
            if request.rounds >= 3 {
                // It goes out all the same, so that its leases are known.
                reply(.unavailable, operation.id)
            } else {
                var next = request
                next.rounds += 1
                nodes[node].waiting.append(next)
            }
            try checkDebts(draw, node)
            for entry in entries { write(entry, node) }
            if plan.isDurable { sync(node) }
            call(.draw(draw), node)
        case .owes:
            giveBack(operation.tenant, node, everything: true)
            nodes[node].waiting.append(request)
        case .waits: nodes[node].waiting.append(request)
        case .cannotExtend(let error):
            try judge(error, operation, node)
            if recordsHistory { note("\(nodes[node].name) can't extend: \(error)") }
            reply(.refused, operation.id)
        case .looks(let demands):
            nodes[node].fillBuckets(demands, of: operation.tenant, steady: now)
            try decide(operation, request, node)
        }
    }

    private func command(_ operation: SimulatedClient.Operation, _ node: Int) -> AdmitCommand {
        let journal = nodes[node].journal.entries.count
        return operation.command(
            plan, nodes[node].limits[operation.tenant] ?? [],
            id: "\(nodes[node].name).\(nodes[node].incarnation).\(journal)")
    }

    /// Tells the naive count of what was given.
    private mutating func record(
        _ entry: JournalEntry,
        _ command: AdmitCommand,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        let leases: [(meter: MeterID, lease: GrantID, units: Int64)]
        let id: String
        switch entry {
        case .used(let consumption):
            id = consumption.id
            leases = consumption.uses.flatMap { use in
                use.leases.map { (use.charge.charge.meter, $0, use.charge.charge.amount) }
            }
        case .held(let hold):
            id = hold.reservation.id.text
            leases = hold.pieces.map { ($0.meter, $0.lease, $0.units) }
        case .extended(let extended):
            id = extended.id.text
            leases = extended.pieces.map { ($0.meter, $0.lease, $0.units) }
        case .concluded, .closed: return
        }
        var parts: [NaiveUse.Part] = []
        for (meter, lease, units) in leases {
            let account = try checkSpending(of: lease, operation, node)
            parts.append(
                NaiveUse.Part(meter: meter, account: account, lease: lease, units: units))
        }
        let budgets = command.demands.filter { $0.limit.rate == nil }
        guard parts.count == budgets.count else {
            throw fail("\(id) was charged to \(parts.count) of \(budgets.count) limits")
        }
        if case .extended = entry {
            try extend(id, parts, operation, node)
        } else {
            try make(
                operation.use(
                    id, command, parts: parts, life: nodes[node].life, at: wall(node)))
        }
        if recordsHistory {
            note("\(nodes[node].name) gives \(id): \(leases.map(\.lease.sequence))")
        }
        try check()
    }

    /// Counts what was given, by a node or by the ledger itself.
    mutating func make(
        _ use: (NaiveUse, rates: [(units: Int64, rate: TokenBucket.Rate, key: AccountKey)])
    ) throws(SimulationFailure) {
        let (made, rates) = use
        if let wrong = naive.make(made) { throw fail(wrong) }
        for rate in rates {
            let place = NaiveRates.Place(life: made.life, key: rate.key)
            if made.isEnforced, naive.rates.isTooMuch(rate.units, rate.rate, at: time, place) {
                throw fail("\(rate.units) more of \(rate.key.limit) are beyond its rate")
            }
            naive.rates.pass(rate.units, at: time, place)
        }
    }
}

extension JournalEntry {
    /// Keeps the answer for a repeated request.
    fileprivate mutating func keep(answer: String, of operation: SimulatedClient.Operation) {
        attach(
            IdempotencyRecord(
                id: operation.idempotencyID, fingerprint: [],
                answer: StoredAnswer(status: 200, headers: [:], body: Array(answer.utf8)),
                createdAt: Timestamp(nanoseconds: 0)))
    }
}
