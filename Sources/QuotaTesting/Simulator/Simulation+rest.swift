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
    }

    /// When the last reservation ends that nobody has ended, as nodes with wrong clocks made it.
    private var lastExpiry: Int64 {
        store.reservations.values.filter { $0.state == .held }.map(\.expiresAt.nanoseconds).max()
            ?? 0
    }

    private mutating func deliverAll() throws(SimulationFailure) {
        while !messages.isEmpty { try deliver(messages.removeFirst()) }
        for node in nodes.indices {
            for (number, call) in nodes[node].calls.sorted(by: { $0.key < $1.key }) {
                send(
                    .toLedger(
                        call.command, node: node, call: number,
                        incarnation: nodes[node].incarnation))
            }
        }
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
    private mutating func heartbeat(_ node: Int) {
        call(
            .draw(
                DrawCommand(
                    holder: nodes[node].holder, epoch: nodes[node].table.epoch,
                    floor: nodes[node].sequence.floor, tenant: plan.tenants[0].id,
                    calendar: SimulationPlan.calendar)), node)
    }

    /// Nodes give everything back and fold everything.
    private mutating func flushAll() throws(SimulationFailure) -> Bool {
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
            expireDue(node)
            for tenant in plan.tenants { giveBack(tenant.id, node, everything: true) }
            sync(node)
            let count = nodes[node].journal.entries.count
            if nodes[node].folded < count { isBusy = true }
            foldJournal(node)
            isBusy = isBusy || !nodes[node].calls.isEmpty
        }
        _ = try commit(.sweep(sweepCommand))
        return isBusy
    }

    private mutating func checkRest() throws(SimulationFailure) {
        for (id, record) in store.accounts {
            let account = record.account
            guard account.escrowed == 0 else {
                throw fail(
                    "\(account.escrowed) units of \(id.key.limit) of \(id.key.tenant) are held by"
                        + " nobody")
            }
        }
        try checkSuspects()
        try checkEntries()
        try checkEvents()
        try checkLiveness()
    }

    /// What is suspect at rest is so for a reason: its life is over, or its period.
    private func checkSuspects() throws(SimulationFailure) {
        for (id, lease) in store.leases
        where lease.grant.state != .closed && store.holders[lease.holder]?.state != .ended {
            guard store.accounts[lease.account] == nil else {
                throw fail("lease \(id.text) is \(lease.grant.state) and belongs to nobody")
            }
        }
    }

    /// Folding the entries gives the balances.
    private func checkEntries() throws(SimulationFailure) {
        var sums: [AccountID: [Int64]] = [:]
        for batch in store.batches {
            for entry in batch.entries {
                let deltas = [
                    entry.capacity, entry.available, entry.escrowed, entry.suspect, entry.posted,
                ]
                sums[entry.account] = zip(sums[entry.account] ?? [0, 0, 0, 0, 0], deltas).map(+)
            }
        }
        let records = Array(store.accounts.values) + store.archives.map(\.record)
        for record in records {
            let account = record.account
            let balances = [
                account.capacity, account.available, account.escrowed, account.suspect,
                account.posted,
            ]
            guard sums[record.id] == balances else {
                throw fail("the entries of \(record.key.limit) don't add up to its balances")
            }
        }
    }

    /// Whatever has room is admitted; what has none is refused.
    private mutating func checkLiveness() throws(SimulationFailure) {
        guard let node = nodes.indices.first(where: { nodes[$0].state == .up }) else { return }
        for tenant in plan.tenants where tenant.limits.count > 2 {
            time += 2_000_000_000
            let operation = client.operations.count
            client.operations.append(
                SimulatedClient.Operation(
                    id: operation, kind: .consume, tenant: tenant.id, node: node,
                    amounts: [SimulationPlan.calls: 1], answer: nil))
            let limit = tenant.limits[2]
            let current = store.currentAccount(limit.accountKey(of: tenant.id))
            let isOpen = current.map { ledgerNow < $0.period.end } ?? false
            // The account may not have heard of a changed limit yet.
            let quantity = limit.limit.quantity ?? .max
            let taken = current.map { $0.account.capacity - $0.account.available } ?? 0
            let room = isOpen ? quantity - taken : quantity
            request(operation)
            try deliverAll()
            sync(node)
            try deliverAll()
            let wanted: SimulatedClient.Answer = room >= 1 ? .admitted(nil) : .refused
            guard client.operations[operation].answer == wanted else {
                throw fail(
                    "with \(room) units a request for 1 was answered "
                        + "\(client.operations[operation].answer.map { "\($0)" } ?? "nothing")")
            }
        }
    }

    /// Each use that is not lost is booked once.
    ///
    /// In an event of its own, where its meter is recorded so, and in the sums of the hours.
    private func checkEvents() throws(SimulationFailure) {
        var sums: [AccountKey: Int64] = [:]
        for (hour, sum) in store.hourly {
            sums[AccountKey(tenant: hour.tenant, limit: hour.meter.text), default: 0] += sum.units
        }
        for (key, units) in naive.bookedByMeter where sums[key] ?? 0 != units {
            throw fail(
                "\(units) of \(key.limit) were used by \(key.tenant), the hours say "
                    + "\(sums[key] ?? 0)")
        }
        for (id, use) in naive.uses.sorted(by: { $0.key < $1.key }) where !use.isLost {
            for (meter, units) in use.booked
            where units != 0 && meter == SimulationPlan.tokens {
                let key = MemoryStore.EventKey(
                    tenant: use.tenant, id: ExactString(id), meter: meter)
                guard store.events[key]?.units == units else {
                    throw fail(
                        "\(id) used \(units) of \(meter), its event says "
                            + "\(store.events[key]?.units ?? 0)")
                }
            }
        }
    }
}
