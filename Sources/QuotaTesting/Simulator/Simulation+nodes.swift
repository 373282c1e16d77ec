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
            try take(folded, to: fold, sentAt: asked.sentAt, node)
        case (.listLeases, .leases(let leases)):
            // What was folded meanwhile may have closed some of them.
            guard asked.sentAt >= nodes[node].foldedAt, nodes[node].foldCall == nil else { return }
            nodes[node].table.adopt(strays: leases, steady: now)
        case (.endHolder, _): nextRecovery(node)
        case (.conclude(let conclude), .concluded(let concluded)):
            try self.answer(concluded, to: conclude, node)
        default: throw fail("\(asked.command.brief) was answered \(answer.brief)")
        }
    }

    private mutating func take(
        _ answer: FoldAnswer,
        to fold: FoldCommand,
        sentAt: Timestamp,
        _ node: Int
    ) throws(SimulationFailure) {
        if nodes[node].state == .recovering {
            if case .folded = answer { return nextRecovery(node) }
            if case .unknownLease = answer {
                throw fail("\(nodes[node].name) could not recover: \(answer)")
            }
            // A part that the dead process had sent came late: the recovery has to begin again.
            return try crash(node)
        }
        if case .over = answer { return try crash(node) }
        nodes[node].foldCall = nil
        guard case .folded(let snapshots, let epoch) = answer else {
            throw fail("\(nodes[node].name) could not fold: \(answer)")
        }
        nodes[node].folded = Int(fold.ranges.first?.through ?? 0)
        nodes[node].foldedAt = now.adding(nanoseconds: 1)
        nodes[node].hear(of: epoch, sentAt: sentAt)
        nodes[node].table.acknowledge(sentAt: sentAt)
        nodes[node].table.enter(epoch: epoch)
        nodes[node].table.see(snapshots, steady: sentAt)
        nodes[node].table.note(fold)
        for folded in fold.reservations where folded.reservation.state != .held {
            nodes[node].unfoldedEnds.remove(folded.reservation.id)
        }
        try serveWaiting(node) { _ in true }
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
        var epoch = draw.epoch
        if case .silent(let newer) = answer { epoch = newer }
        nodes[node].hear(of: epoch, sentAt: sentAt)
        nodes[node].table.acknowledge(sentAt: sentAt)
        nodes[node].install(answer, to: draw, sentAt: sentAt)
        // Hearing it again changes nothing.
        if Int.random(in: 0..<8, using: &random) == 0 {
            nodes[node].install(answer, to: draw, sentAt: sentAt)
        }
        if case .outdated = answer, let tenant = plan.tenant(draw.tenant) {
            nodes[node].limits[tenant.id] = tenant.limits
        }
        if case .refused(_, _, let recalls) = answer { recall(recalls, for: draw.tenant, node) }
        try serveWaiting(node) { $0.tenant == draw.tenant }
    }

    /// Asks everybody who may have units of these accounts to give them back, but for the one who
    /// wants them.
    private mutating func recall(_ keys: [AccountKey], for tenant: TenantID, _ node: Int) {
        for key in keys {
            for other in nodes.indices {
                for sharing in plan.tenants(sharing: key)
                where other != node || sharing != tenant {
                    send(.recall(sharing, node: other))
                }
            }
        }
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
}

// What a new life does before it decides.
extension Simulation {
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
        let isComplete =
            !journal.isCut || plan.isDurable || omitted.contains(.cutJournalsAreIncomplete)
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
}
