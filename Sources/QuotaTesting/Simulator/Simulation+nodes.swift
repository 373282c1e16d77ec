import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// The nodes: thin drivers around the real decisions.
extension Simulation {
    /// Starts a node's process; it asks for a new life first.
    mutating func start(_ node: Int) {
        guard nodes[node].state == .down else { return }
        nodes[node].state = .recovering
        call(
            .beginHolder(
                BeginHolderCommand(
                    name: nodes[node].name, newestKnown: nodes[node].newestLife)), node)
    }

    /// Asks the ledger something, and goes on asking until it is answered.
    @discardableResult
    mutating func call(_ command: LedgerCommand, _ node: Int) -> Int {
        nextCall += 1
        nodes[node].calls[nextCall] = SimulatedNode.Call(command: command, sentAt: now)
        send(
            .toLedger(
                command, node: node, call: nextCall, incarnation: nodes[node].incarnation))
        return nextCall
    }

    mutating func receive(_ message: Message) throws(SimulationFailure) {
        switch message {
        case .toNode(let answer, let node, let call, let incarnation):
            guard nodes[node].state != .down, nodes[node].incarnation == incarnation,
                let asked = nodes[node].calls.removeValue(forKey: call)
            else { return }
            try take(answer, to: asked, call, node)
        case .request(let request, let node): try serve(request, node)
        case .recall(let tenant, let node): giveBack(tenant, node, everything: true)
        case .grown(let accounts, let tenant, let node):
            nodes[node].table.forgetRefusals(of: accounts, tenant: tenant)
        case .toLedger, .answer: break
        }
    }

    private mutating func take(
        _ answer: LedgerAnswer,
        to asked: SimulatedNode.Call,
        _ call: Int,
        _ node: Int
    ) throws(SimulationFailure) {
        switch (asked.command, answer) {
        case (.beginHolder, .begun(let begun)): try recover(begun, node)
        case (.draw(let draw), .drawn(let drawn)):
            try take(drawn, to: draw, sentAt: asked.sentAt, node)
        case (.fold(let fold), .folded(let folded)):
            if nodes[node].state == .recovering {
                if case .folded = folded { return nextRecovery(node) }
                // A part that the dead process had sent came late: the recovery has to begin again.
                return try crash(node)
            }
            if case .over = folded { return try crash(node) }
            nodes[node].foldCall = nil
            guard case .folded(let snapshots, let epoch) = folded else {
                throw fail("\(nodes[node].name) could not fold: \(folded)")
            }
            nodes[node].folded = Int(fold.ranges.first?.through ?? 0)
            nodes[node].foldedAt = now.adding(nanoseconds: 1)
            nodes[node].table.acknowledge(sentAt: asked.sentAt)
            nodes[node].table.enter(epoch: epoch)
            nodes[node].table.see(snapshots, steady: asked.sentAt)
            nodes[node].table.note(fold)
            try serveWaiting(node) { _ in true }
        case (.listLeases, .leases(let leases)):
            // What was folded meanwhile may have closed some of them.
            guard asked.sentAt >= nodes[node].foldedAt, nodes[node].foldCall == nil else { return }
            nodes[node].table.adopt(strays: leases, steady: now)
        case (.endHolder, _): nextRecovery(node)
        case (.conclude(let conclude), .concluded(let concluded)):
            self.answer(concluded, to: conclude, node)
        default: throw fail("\(asked.command.brief) was answered \(answer.brief)")
        }
    }

    private mutating func take(
        _ answer: DrawAnswer,
        to draw: DrawCommand,
        sentAt: Timestamp,
        _ node: Int
    ) throws(SimulationFailure) {
        if case .fenced = answer {
            // Another life has begun: this process is over.
            if recordsHistory { note("\(nodes[node].name) is fenced") }
            return try crash(node)
        }
        nodes[node].table.acknowledge(sentAt: sentAt)
        nodes[node].install(answer, to: draw, sentAt: sentAt)
        if case .outdated = answer, let tenant = plan.tenants.first(where: { $0.id == draw.tenant })
        {
            nodes[node].limits[tenant.id] = tenant.limits
        }
        if case .refused(_, _, let recalls) = answer, !recalls.isEmpty {
            for other in nodes.indices where other != node {
                send(.recall(draw.tenant, node: other))
            }
        }
        try serveWaiting(node) { $0.tenant == draw.tenant }
    }

    private mutating func serveWaiting(
        _ node: Int,
        where isMeant: (SimulatedClient.Operation) -> Bool
    ) throws(SimulationFailure) {
        let waiting = nodes[node].waiting
        nodes[node].waiting.removeAll { isMeant(client.operations[$0.operation]) }
        for request in waiting where isMeant(client.operations[request.operation]) {
            try serve(request, node)
        }
    }

    // MARK: Recovery

    private mutating func recover(_ begun: HolderBegun, _ node: Int) throws(SimulationFailure) {
        let holder = begun.holder
        nodes[node].table = LeaseTable(holder: holder, omitted: omitted)
        nodes[node].fold = JournalFold(holder: holder, omitted: omitted)
        nodes[node].sequence = LeaseSequence()
        nodes[node].folded = 0
        nodes[node].disk[holder.incarnation] = SimulatedJournal()
        var commands: [LedgerCommand] = []
        for life in begun.unended { commands += try recovery(of: life, node) }
        nodes[node].recovery = commands
        nextRecovery(node)
    }

    /// What brings an earlier life to its end.
    private mutating func recovery(
        of life: UnendedHolder,
        _ node: Int
    ) throws(SimulationFailure) -> [LedgerCommand] {
        guard let journal = nodes[node].disk[life.id.incarnation] else {
            return [.endHolder(EndHolderCommand(holder: life.id, evidence: .incomplete))]
        }
        let from = Int(life.positions[0] ?? 0)
        guard from <= journal.entries.count else {
            throw fail(
                "the ledger knows \(from) entries of \(life.id), the disk has "
                    + "\(journal.entries.count)")
        }
        // What a crash left in memory only must be on the disk before the ledger is told of it.
        nodes[node].disk[life.id.incarnation]?.synced = journal.entries.count
        var commands: [LedgerCommand] = []
        if from < journal.entries.count {
            var fold = JournalFold(recovering: life, omitted: omitted)
            for entry in journal.entries[from...] { fold.add(entry) }
            commands.append(
                .fold(
                    fold.command([
                        StreamRange(
                            stream: 0, from: Int64(from), through: Int64(journal.entries.count))
                    ])))
        }
        let isComplete = !journal.isCut || plan.isDurable
        commands.append(
            .endHolder(
                EndHolderCommand(
                    holder: life.id, evidence: isComplete ? .complete : .incomplete)))
        return commands
    }

    private mutating func nextRecovery(_ node: Int) {
        guard nodes[node].state == .recovering else { return }
        if nodes[node].recovery.isEmpty {
            nodes[node].state = .up
            if recordsHistory { note("\(nodes[node].name).\(nodes[node].incarnation) is up") }
            return
        }
        call(nodes[node].recovery.removeFirst(), node)
    }

    // MARK: Requests

    mutating func serve(_ request: SimulatedNode.Request, _ node: Int) throws(SimulationFailure) {
        guard nodes[node].state == .up else { return }
        let operation = client.operations[request.operation]
        if let kept = keptAnswer(operation, node) { return reply(kept, request.operation) }
        switch operation.kind {
        case .consume, .reserve: try decide(operation, request, node)
        case .conclude(let id, let event): try conclude(id, event, operation, node)
        }
    }

    private func keptAnswer(
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) -> SimulatedClient.Answer? {
        if let kept = nodes[node].kept[operation.id] { return kept }
        let id = IdempotencyID(tenant: operation.tenant, key: ExactString("\(operation.id)"))
        guard let stored = store.answers[id] else { return nil }
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
            let answer = SimulatedClient.Answer.admitted(outcome.reservation?.id)
            entry.keep(answer: outcome.reservation?.id.text ?? "", of: operation)
            nodes[node].kept[operation.id] = answer
            try record(entry, command, operation, node)
            write(entry, node)
            finish(answer, operation.id, node)
        case .refused:
            try checkRefusal(operation, request, command)
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
            for entry in entries { write(entry, node) }
            if plan.isDurable { sync(node) }
            call(.draw(draw), node)
        case .owes:
            giveBack(operation.tenant, node, everything: true)
            nodes[node].waiting.append(request)
        case .waits, .looks: nodes[node].waiting.append(request)
        }
    }

    /// A refusal must be true of a moment between the request and the answer, or of the second
    /// before.
    private func checkRefusal(
        _ operation: SimulatedClient.Operation,
        _ request: SimulatedNode.Request,
        _ command: AdmitCommand
    ) throws(SimulationFailure) {
        let since = request.arrivedAt.nanoseconds - RememberedRefusal.memoryNanoseconds
        var looks: [String] = []
        for demand in command.demands {
            let key = demand.limit.accountKey(of: operation.tenant)
            let quantity = demand.limit.limit.quantity ?? .max
            let least = quantity - naive.mostTaken(of: key, since: since)
            if least < demand.amount { return }
            looks.append("\(demand.amount) of \(least)")
        }
        throw fail("operation \(operation.id) was refused, and there was enough: \(looks)")
    }

    private func command(_ operation: SimulatedClient.Operation, _ node: Int) -> AdmitCommand {
        let limits = nodes[node].limits[operation.tenant] ?? []
        let life =
            "\(nodes[node].name).\(nodes[node].incarnation).\(nodes[node].journal.entries.count)"
        var hold: HoldRequest?
        if case .reserve(let ttl, let onExpiry) = operation.kind {
            hold = HoldRequest(
                id: ReservationID(trusted: "r_\(life)"), ttlNanoseconds: ttl, onExpiry: onExpiry,
                firstGrant: GrantID(holder: "", incarnation: 0, sequence: 0))
        }
        let charges = operation.amounts.sorted { $0.key < $1.key }
            .map { meter, amount in
                MeteredCharge(
                    charge: Charge(meter: meter, amount: amount),
                    recording: meter == SimulationPlan.tokens ? .event : .hourly)
            }
        return AdmitCommand(
            tenant: operation.tenant, key: .service, model: nil, charges: charges,
            demands: limits.compactMap { limit in
                operation.amounts[limit.limit.meter].map { Demand(limit: limit, amount: $0) }
            },
            calendar: SimulationPlan.calendar, decisionID: "d_\(life)", hold: hold)
    }

    /// Tells the naive count of what was given.
    private mutating func record(
        _ entry: JournalEntry,
        _ command: AdmitCommand,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        let leases: [(MeterID, GrantID)]
        let id: String
        switch entry {
        case .used(let consumption):
            id = consumption.id
            leases = consumption.uses.flatMap { use in
                use.leases.map { (use.charge.charge.meter, $0) }
            }
        case .held(let hold):
            id = hold.reservation.id.text
            leases = hold.pieces.map { ($0.meter, $0.lease) }
        case .concluded, .closed: return
        }
        var parts: [(meter: MeterID, account: AccountID, lease: GrantID)] = []
        for (meter, lease) in leases {
            guard let record = store.leases[lease] else {
                throw fail(
                    "units of lease \(lease.text) were given, which the ledger does not have")
            }
            if record.grant.state == .suspect, store.accounts[record.account] != nil,
                nodes[node].table.epoch == store.holders[record.holder]?.epoch
            {
                throw fail("units of the suspect lease \(lease.text) were given")
            }
            parts.append((meter, record.account, lease))
        }
        guard parts.count == command.demands.count else {
            throw fail("\(id) was charged to \(parts.count) of \(command.demands.count) limits")
        }
        naive.make(
            id,
            NaiveCluster.Use(
                tenant: operation.tenant, operation: operation.id, node: nodes[node].name,
                incarnation: nodes[node].incarnation, held: operation.amounts, parts: parts,
                isReservation: command.hold != nil,
                used: command.hold == nil ? operation.amounts : [:],
                isEnded: command.hold == nil),
            acknowledged: false)
        if recordsHistory { note("\(nodes[node].name) gives \(id): \(leases.map(\.1.sequence))") }
        try check()
    }

    private mutating func conclude(
        _ id: ReservationID,
        _ event: ReservationEvent,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        do {
            let ended = try nodes[node]
                .conclude(
                    id, of: operation.tenant, event, now: wall(node), steady: now)
            if let (reservation, entry) = ended {
                end(reservation, entry, by: operation.id, node)
                nodes[node].kept[operation.id] = .ended(true)
                finish(.ended(true), operation.id, node)
            } else if nodes[node].table.isUnfolded(id, of: operation.tenant) {
                nodes[node].waiting
                    .append(SimulatedNode.Request(operation: operation.id, arrivedAt: now))
            } else {
                call(
                    .conclude(
                        ConcludeCommand(
                            reservation: id, tenant: operation.tenant, event: event)), node)
            }
        } catch {
            reply(.ended(false), operation.id)
        }
    }

    /// Writes the end of a reservation down, and tells the naive count.
    mutating func end(
        _ reservation: Reservation,
        _ entry: JournalEntry,
        by operation: Int?,
        _ node: Int
    ) {
        let life = NaiveCluster.Life(nodes[node].holder)
        switch reservation.state {
        case .settled, .voided:
            naive.end(
                reservation.id.text, used: reservation.settled.byMeter, by: operation, life: life)
        case .held, .suspect: naive.writeOther(life)
        }
        nodes[node].disk[life.incarnation]?.entries.append(entry)
        if recordsHistory {
            note("\(nodes[node].name) ends \(reservation.id): \(reservation.state)")
        }
    }

    private mutating func answer(
        _ answer: ConcludeAnswer,
        to command: ConcludeCommand,
        _ node: Int
    ) {
        let asking = client.operations.filter { operation in
            guard operation.answer == nil, operation.node == node else { return false }
            if case .conclude(command.reservation, _) = operation.kind { return true }
            return false
        }
        for operation in asking {
            switch answer {
            case .done: reply(.ended(true), operation.id)
            case .heldBy: continue
            case .notFound, .refused, .outOfRange, .leaseResolved:
                reply(.ended(false), operation.id)
            }
        }
    }

    // MARK: Journal

    /// Appends to the journal what is no use of anything.
    mutating func write(_ entry: JournalEntry, _ node: Int) {
        nodes[node].disk[nodes[node].incarnation]?.entries.append(entry)
        if case .closed = entry { naive.writeOther(NaiveCluster.Life(nodes[node].holder)) }
    }

    /// Answers, when the journal is safe as far as it has to be.
    private mutating func finish(
        _ answer: SimulatedClient.Answer,
        _ operation: Int,
        _ node: Int
    ) {
        nodes[node].replies
            .append(
                SimulatedNode.Reply(
                    operation: operation, position: nodes[node].journal.entries.count,
                    answer: answer))
        if !plan.isDurable { answerUpTo(nodes[node].journal.entries.count, node) }
    }

    mutating func sync(_ node: Int) {
        let count = nodes[node].journal.entries.count
        nodes[node].disk[nodes[node].incarnation]?.synced = count
        answerUpTo(count, node)
    }

    private mutating func answerUpTo(_ position: Int, _ node: Int) {
        for waiting in nodes[node].replies where waiting.position <= position {
            naive.acknowledge(operation: waiting.operation)
            reply(waiting.answer, waiting.operation)
        }
        nodes[node].replies.removeAll { $0.position <= position }
    }

    mutating func foldJournal(_ node: Int) {
        guard nodes[node].state == .up, nodes[node].foldCall == nil else { return }
        let journal = nodes[node].journal
        let through = omitted.contains(.foldsAreSynced) ? journal.entries.count : journal.synced
        let from = nodes[node].folded
        guard through > from else { return }
        for entry in journal.entries[from..<through] { nodes[node].fold.add(entry) }
        let command = nodes[node].fold
            .command([
                StreamRange(stream: 0, from: Int64(from), through: Int64(through))
            ])
        nodes[node].foldCall = call(.fold(command), node)
    }

    /// Gives back what a tenant does not use.
    mutating func giveBack(_ tenant: TenantID, _ node: Int, everything: Bool) {
        guard nodes[node].state == .up,
            let giving = nodes[node].table
                .giveBack(
                    tenant, everything: everything, steady: now)
        else { return }
        for entry in giving.entries { write(entry, node) }
        if plan.isDurable { sync(node) }
        if giving.returns.isEmpty { return }
        call(
            .draw(
                DrawCommand(
                    holder: nodes[node].holder, epoch: nodes[node].table.epoch,
                    floor: nodes[node].sequence.floor, tenant: tenant,
                    calendar: SimulationPlan.calendar, returns: giving.returns)), node)
    }
}

extension JournalEntry {
    /// Keeps the answer for a repeated request.
    fileprivate mutating func keep(answer: String, of operation: SimulatedClient.Operation) {
        attach(
            IdempotencyRecord(
                id: IdempotencyID(
                    tenant: operation.tenant, key: ExactString("\(operation.id)")),
                fingerprint: [],
                answer: StoredAnswer(status: 200, headers: [:], body: Array(answer.utf8)),
                createdAt: Timestamp(nanoseconds: 0)))
    }
}
