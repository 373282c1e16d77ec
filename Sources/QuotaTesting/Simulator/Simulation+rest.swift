import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// How a run ends.
extension Simulation {
    /// Heals everything, lets all come to rest, and checks what must be true then.
    mutating func rest() throws(SimulationFailure) {
        if recordsHistory { note("everything comes to rest") }
        plan.heal()
        ledgerOffset = 0
        ledgerReturnsAt = .min
        for node in nodes.indices {
            nodes[node].offset = 0
            try resume(node)
            for tenant in plan.tenants { nodes[node].limits[tenant.id] = tenant.limits }
        }
        var source = SeededRandom(seed: seed &+ 1)
        var rounds = 0
        while true {
            rounds += 1
            if rounds > 200 { throw fail("it does not come to rest") }
            try deliverAll()
            for node in nodes.indices { start(node) }
            try deliverAll()
            let isSettled = try !settleAll(&source)
            let isFlushed = try !flushAll()
            let last = lastExpiry
            time = max(time, last)
            if isSettled, isFlushed, messages.isEmpty, last == 0 { break }
        }
        try checkRest()
        try resolveAll()
        try checkBooks()
        try checkLiveness()
    }

    /// When the last reservation ends that nobody has ended, as nodes with wrong clocks made it.
    private var lastExpiry: Int64 {
        store.reservations.values.filter { $0.state == .held }.map(\.expiresAt.nanoseconds).max()
            ?? 0
    }

    mutating func deliverAll() throws(SimulationFailure) {
        try deliverMessages()
        for node in nodes.indices {
            for (number, call) in nodes[node].calls.sorted(by: { $0.key < $1.key }) {
                send(
                    .toLedger(
                        call.command, node: node, call: number,
                        incarnation: nodes[node].incarnation))
            }
        }
        try deliverMessages()
    }

    private mutating func deliverMessages() throws(SimulationFailure) {
        while !messages.isEmpty { try deliver(messages.removeFirst()) }
    }

    /// Clients hear of all that they asked, and end all that they hold.
    ///
    /// - Returns: whether there was something to do.
    private mutating func settleAll(
        _ source: inout SeededRandom
    ) throws(SimulationFailure) -> Bool {
        let unheard = client.operations.filter { $0.answer == nil }
        for operation in unheard { request(operation.id) }
        let open = client.open
        client.open = []
        for (id, operation) in open { end(id, client.operations[operation], &source) }
        return !unheard.isEmpty || !open.isEmpty
    }

    /// Tells the ledger that a node lives.
    mutating func heartbeat(_ node: Int) {
        call(
            .draw(
                DrawCommand(
                    holder: nodes[node].holder, epoch: nodes[node].table.epoch,
                    floor: nodes[node].sequence.floor, tenant: plan.tenants[0].id,
                    calendar: SimulationPlan.calendar)), node)
    }

    /// Nodes give everything back and fold everything.
    @discardableResult
    mutating func flushAll() throws(SimulationFailure) -> Bool {
        // What nobody ends any more ends by time; no node is silent meanwhile.
        for _ in 0..<7 {
            time += 20_000_000_000
            for node in nodes.indices where nodes[node].state == .up {
                call(.listLeases(nodes[node].holder), node)
                heartbeat(node)
            }
            try deliverAll()
        }
        var isBusy = false
        for node in nodes.indices {
            try expireDue(node)
            for tenant in plan.tenants { giveBack(tenant.id, node, everything: true) }
            sync(node)
            let count = nodes[node].journal.entries.count
            if nodes[node].folded < count { isBusy = true }
            foldJournal(node)
            isBusy = isBusy || !nodes[node].calls.isEmpty
        }
        try commit(.sweep(sweepCommand))
        return isBusy
    }
}
