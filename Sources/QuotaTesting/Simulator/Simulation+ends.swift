import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// How reservations end at their node.
extension Simulation {
    mutating func conclude(
        _ id: ReservationID,
        _ event: ReservationEvent,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        do {
            let ended = try nodes[node]
                .conclude(id, of: operation.tenant, event, now: wall(node), steady: now)
            if let (reservation, entry) = ended {
                try end(reservation, event, entry, by: operation.id, node)
                nodes[node].kept[operation.id] = .ended(true)
                finish(.ended(true), operation.id, node)
            } else if nodes[node].unfoldedEnds.contains(id) {
                nodes[node].waiting
                    .append(SimulatedNode.Request(operation: operation.id, arrivedAt: now))
            } else {
                call(
                    .conclude(
                        ConcludeCommand(
                            reservation: id, tenant: operation.tenant, event: event)), node)
            }
        } catch let error as ReservationError {
            try judgeRefusedEnd(id, event)
            if recordsHistory { note("\(nodes[node].name) can't end \(id): \(error)") }
            reply(.ended(false), operation.id)
        } catch {
            throw (error as? SimulationFailure) ?? fail("\(error)")
        }
    }

    /// Writes the end of a reservation down, and tells the naive count.
    mutating func end(
        _ reservation: Reservation,
        _ event: ReservationEvent,
        _ entry: JournalEntry,
        by operation: Int?,
        _ node: Int
    ) throws(SimulationFailure) {
        let life = nodes[node].life
        let id = reservation.id.text
        if let wrong = naive.end(id, event, by: operation, life: life) { throw fail(wrong) }
        if let use = naive.uses[id] {
            // The ledger may have ended it otherwise meanwhile; its node does not know.
            let told = NaiveOutcome(
                state: reservation.state, used: reservation.settled.byMeter)
            passDebt(of: use, use.isDecided ? told : use.truth, life: life)
        }
        nodes[node].disk[life.incarnation]?.entries.append(entry)
        nodes[node].unfoldedEnds.insert(reservation.id)
        if recordsHistory {
            note("\(nodes[node].name) ends \(reservation.id): \(reservation.state)")
        }
    }

    mutating func answer(
        _ answer: ConcludeAnswer,
        to command: ConcludeCommand,
        _ node: Int
    ) throws(SimulationFailure) {
        let asking = client.operations.filter { operation in
            guard operation.answer == nil, operation.node == node else { return false }
            if case .conclude(command.reservation, command.event) = operation.kind { return true }
            return false
        }
        for operation in asking {
            switch answer {
            case .done: reply(.ended(true), operation.id)
            case .heldBy: continue
            case .notFound:
                if let use = naive.uses[command.reservation.text], !use.isLost {
                    throw fail("\(command.reservation) was not found, and is not lost")
                }
                reply(.ended(false), operation.id)
            // Whether that is true was looked at when the ledger said so.
            case .refused, .outOfRange, .leaseResolved: reply(.ended(false), operation.id)
            }
        }
    }
}
