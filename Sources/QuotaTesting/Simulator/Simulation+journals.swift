import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// The nodes' journals, and what waits for them.
extension Simulation {
    /// Appends to the journal what is no use of anything.
    mutating func write(_ entry: JournalEntry, _ node: Int) {
        nodes[node].disk[nodes[node].incarnation]?.entries.append(entry)
        if case .closed = entry { naive.writeOther(nodes[node].life) }
    }

    /// Answers, when the journal is safe as far as it has to be.
    mutating func finish(_ answer: SimulatedClient.Answer, _ operation: Int, _ node: Int) {
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

    mutating func expireDue(_ node: Int) throws(SimulationFailure) {
        guard nodes[node].state == .up else { return }
        for due in nodes[node].table.due(now: wall(node)) {
            let ended = try? nodes[node]
                .conclude(due.id, of: due.tenant, .expire, now: wall(node), steady: now)
            if let (reservation, entry) = ended {
                if reservation.expiresAt > wall(node) { throw fail("\(due.id) ended early") }
                try end(reservation, .expire, entry, by: nil, node)
            }
        }
    }
}
