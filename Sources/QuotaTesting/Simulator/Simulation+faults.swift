import QuotaEngine
import QuotaLedger
import QuotaModel

// What goes wrong.
extension Simulation {
    mutating func crash(_ node: Int) throws(SimulationFailure) {
        guard nodes[node].state != .down else { return }
        if recordsHistory { note("\(nodes[node].name) crashes") }
        nodes[node].crash()
    }

    mutating func cutPower(
        _ node: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        guard nodes[node].state != .down else { return }
        if recordsHistory { note("\(nodes[node].name) loses power") }
        nodes[node].crash()
        for (incarnation, known) in nodes[node].disk.sorted(by: { $0.key < $1.key }) {
            var journal = known
            let count = Int.random(in: journal.synced...journal.entries.count, using: &source)
            journal.entries = Array(journal.entries.prefix(count))
            journal.synced = count
            journal.isCut = true
            nodes[node].disk[incarnation] = journal
            let life = NaiveCluster.Life(node: nodes[node].name, incarnation: incarnation)
            if let wrong = naive.lose(life, from: count, mayLoseAcknowledged: !plan.isDurable) {
                throw fail(wrong)
            }
        }
    }

    mutating func loseDisk(_ node: Int) throws(SimulationFailure) {
        if recordsHistory { note("\(nodes[node].name) loses its disk") }
        nodes[node].crash()
        for incarnation in nodes[node].disk.keys.sorted() {
            let life = NaiveCluster.Life(node: nodes[node].name, incarnation: incarnation)
            naive.loseDisk(life)
        }
        nodes[node].disk = [:]
    }

    mutating func pause(_ node: Int) {
        guard nodes[node].state == .up else { return }
        if recordsHistory { note("\(nodes[node].name) pauses") }
        nodes[node].state = .paused
    }

    mutating func resume(_ node: Int) throws(SimulationFailure) {
        guard nodes[node].state == .paused else { return }
        if recordsHistory { note("\(nodes[node].name) goes on") }
        nodes[node].state = .up
        let inbox = nodes[node].inbox
        nodes[node].inbox = []
        for message in inbox { try receive(message) }
    }

    mutating func stepClock(_ node: Int, _ source: inout SeededRandom) {
        nodes[node].offset = Int64.random(in: -3_600...3_600, using: &source) * 1_000_000_000
        if recordsHistory {
            note(
                "the clock of \(nodes[node].name) is off by \(nodes[node].offset / 1_000_000_000) s"
            )
        }
    }

    mutating func stepLedgerClock(_ source: inout SeededRandom) {
        if recordsCommands { return }
        ledgerOffset = Int64.random(in: -3_600...3_600, using: &source) * 1_000_000_000
        if recordsHistory { note("the ledger's clock is off by \(ledgerOffset / 1_000_000_000) s") }
    }

    /// The ledger is stopped and started with the rows it has.
    mutating func restartLedger() {
        if recordsCommands { return }
        store.restart(steady: now)
        if recordsHistory { note("the ledger starts anew") }
    }

    /// The ledger does not answer for a while.
    mutating func loseLedger(_ source: inout SeededRandom) {
        ledgerReturnsAt = time + Int64.random(in: 1...150, using: &source) * 1_000_000_000
        if recordsHistory { note("the ledger is out of reach") }
    }
}
