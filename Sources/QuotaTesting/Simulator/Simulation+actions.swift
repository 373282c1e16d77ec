import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// What happens by itself.
extension Simulation {
    mutating func act(
        _ kind: Int,
        _ number: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        let node = Int.random(in: nodes.indices, using: &source)
        switch kind {
        case 0..<230: ask(node, &source)
        case 230..<310: askToEnd(node, &source)
        case 310..<400: askAgain(&source)
        case 400..<480: if nodes[node].state == .up { sync(node) }
        case 480..<600: foldJournal(node)
        case 600..<700: callAgain(node)
        case 700..<740: expireDue(node)
        case 740..<770:
            let tenant = plan.tenants.randomElement(using: &source)?.id
            if let tenant { giveBack(tenant, node, everything: Bool.random(using: &source)) }
        case 770..<774:
            if nodes[node].state == .up { call(.listLeases(nodes[node].holder), node) }
        case 774..<785:
            let tenant = plan.tenants.randomElement(using: &source)?.id
            if let tenant { evict(tenant, node) }
        case 785..<800: try crash(node)
        case 800..<810: try cutPower(node, &source)
        case 810..<814: try loseDisk(node)
        case 814..<870: start(node)
        case 870..<880: pause(node)
        case 880..<900: try resume(node)
        case 900..<908: stepClock(node, &source)
        case 908..<912: stepLedgerClock(&source)
        case 912..<945: _ = try commit(.sweep(sweepCommand))
        case 945..<965: try changeLimit(&source)
        case 965..<970: try reset(&source)
        case 970..<978: endPeriod(&source)
        default: try resolve(&source)
        }
    }

    var sweepCommand: SweepCommand {
        SweepCommand(forgetAnswersBefore: .distantPast, maximumAnswers: .max)
    }

    // MARK: Clients

    private mutating func ask(_ node: Int, _ source: inout SeededRandom) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        var amounts: [MeterID: Int64] = [:]
        if Int.random(in: 0..<4, using: &source) != 0 {
            amounts[SimulationPlan.tokens] = Int64.random(in: 1...40, using: &source)
        }
        if amounts.isEmpty || Bool.random(using: &source) {
            amounts[SimulationPlan.calls] = Int64.random(in: 1...3, using: &source)
        }
        let isReservation = Int.random(in: 0..<3, using: &source) == 0
        let ttl = Int64.random(in: 1...120, using: &source) * 1_000_000_000
        let kind: SimulatedClient.Operation.Kind =
            isReservation
            ? .reserve(
                ttlNanoseconds: ttl,
                Reservation.OnExpiry.allCases.randomElement(using: &source) ?? .suspect)
            : .consume
        open(kind, tenant.id, node, amounts)
    }

    private mutating func askToEnd(_ node: Int, _ source: inout SeededRandom) {
        guard let place = client.open.indices.randomElement(using: &source) else { return }
        let (id, operation) = client.open.remove(at: place)
        end(id, client.operations[operation], &source)
    }

    mutating func end(
        _ id: ReservationID,
        _ made: SimulatedClient.Operation,
        _ source: inout SeededRandom
    ) {
        var event = ReservationEvent.void
        if Int.random(in: 0..<4, using: &source) != 0 {
            event = .settle(
                made.amounts.sorted { $0.key < $1.key }
                    .map { meter, held in
                        Charge(
                            meter: meter,
                            amount: Int64.random(in: 0...(held + held / 3), using: &source))
                    })
        }
        open(.conclude(id, event), made.tenant, made.node, made.amounts)
    }

    private mutating func open(
        _ kind: SimulatedClient.Operation.Kind,
        _ tenant: TenantID,
        _ node: Int,
        _ amounts: [MeterID: Int64]
    ) {
        let operation = SimulatedClient.Operation(
            id: client.operations.count, kind: kind, tenant: tenant, node: node,
            amounts: amounts, answer: nil)
        client.operations.append(operation)
        if recordsHistory {
            note(
                "client asks \(operation.id) of \(nodes[node].name): \(kind) "
                    + "\(amounts.values.sorted())")
        }
        request(operation.id)
    }

    mutating func request(_ operation: Int) {
        let node = client.operations[operation].node
        send(
            .request(
                SimulatedNode.Request(operation: operation, arrivedAt: now), node: node))
    }

    /// A client that heard nothing asks again.
    private mutating func askAgain(_ source: inout SeededRandom) {
        let waiting = client.operations.suffix(24).filter { $0.answer == nil }
        guard let operation = waiting.randomElement(using: &source) else { return }
        request(operation.id)
    }

    mutating func hear(_ answer: SimulatedClient.Answer, _ operation: Int) {
        guard client.operations[operation].answer == nil else { return }
        client.operations[operation].answer = answer
        if recordsHistory { note("client hears \(operation): \(answer)") }
        if case .admitted(let id?) = answer { client.open.append((id, operation)) }
    }

    // MARK: Nodes

    private mutating func callAgain(_ node: Int) {
        guard nodes[node].state == .up || nodes[node].state == .recovering else { return }
        for (number, call) in nodes[node].calls.sorted(by: { $0.key < $1.key }) {
            send(
                .toLedger(
                    call.command, node: node, call: number,
                    incarnation: nodes[node].incarnation))
        }
    }

    mutating func expireDue(_ node: Int) {
        guard nodes[node].state == .up else { return }
        for due in nodes[node].table.due(now: wall(node)) {
            let ended = try? nodes[node]
                .conclude(
                    due.id, of: due.tenant, .expire, now: wall(node), steady: now)
            if let (reservation, entry) = ended { end(reservation, entry, by: nil, node) }
        }
    }

    private mutating func evict(_ tenant: TenantID, _ node: Int) {
        guard nodes[node].state == .up, !nodes[node].table.evict(tenant, steady: now) else {
            return
        }
        giveBack(tenant, node, everything: true)
    }

    mutating func crash(_ node: Int) throws(SimulationFailure) {
        guard nodes[node].state != .down else { return }
        if recordsHistory { note("\(nodes[node].name) crashes") }
        let life = NaiveCluster.Life(nodes[node].holder)
        nodes[node].crash()
        _ = life
    }

    private mutating func cutPower(
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

    private mutating func loseDisk(_ node: Int) throws(SimulationFailure) {
        if recordsHistory { note("\(nodes[node].name) loses its disk") }
        nodes[node].crash()
        for incarnation in nodes[node].disk.keys.sorted() {
            let life = NaiveCluster.Life(node: nodes[node].name, incarnation: incarnation)
            naive.loseDisk(life)
        }
        nodes[node].disk = [:]
    }

    private mutating func pause(_ node: Int) {
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

    private mutating func stepClock(_ node: Int, _ source: inout SeededRandom) {
        nodes[node].offset = Int64.random(in: -3_600...3_600, using: &source) * 1_000_000_000
        if recordsHistory {
            note(
                "the clock of \(nodes[node].name) is off by \(nodes[node].offset / 1_000_000_000) s"
            )
        }
    }

    private mutating func stepLedgerClock(_ source: inout SeededRandom) {
        if recordsCommands { return }
        ledgerOffset = Int64.random(in: -3_600...3_600, using: &source) * 1_000_000_000
        if recordsHistory { note("the ledger's clock is off by \(ledgerOffset / 1_000_000_000) s") }
    }

    // MARK: Administrators and time

    private mutating func changeLimit(_ source: inout SeededRandom) throws(SimulationFailure) {
        let place = Int.random(in: plan.tenants.indices, using: &source)
        let limit = Int.random(in: 0..<plan.tenants[place].limits.count, using: &source)
        let quantity = Int64.random(in: 5...400, using: &source)
        plan.change(place, limit: limit, to: quantity)
        let tenant = plan.tenants[place]
        if recordsHistory {
            note("\(tenant.limits[limit].name) of \(tenant.id) becomes \(quantity)")
        }
        _ = try commit(
            .refresh(
                ViewCommand(
                    tenant: tenant.id,
                    demands: tenant.limits.map { Demand(limit: $0, amount: 0) },
                    calendar: SimulationPlan.calendar)))
        for node in nodes.indices where Bool.random(using: &source) {
            nodes[node].limits[tenant.id] = tenant.limits
        }
    }

    private mutating func reset(_ source: inout SeededRandom) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source),
            let limit = tenant.limits.randomElement(using: &source)
        else { return }
        _ = try commit(
            .reset(
                ResetCommand(
                    tenant: tenant.id, limit: limit, calendar: SimulationPlan.calendar)))
    }

    /// Time passes to shortly before, or after, the end of a day.
    private mutating func endPeriod(_ source: inout SeededRandom) {
        let midnight = CivilDate(daysSinceEpoch: ledgerNow.date.daysSinceEpoch + 1).startUTC
        let wanted =
            midnight.nanoseconds + Int64.random(in: -2...1_200, using: &source) * 1_000_000_000
        time = max(time, wanted - ledgerOffset)
        if recordsHistory { note("the day ends") }
    }

    /// An operator finds out what happened to units that nobody knows of.
    private mutating func resolve(_ source: inout SeededRandom) throws(SimulationFailure) {
        let suspects = store.leases.values
            .filter { lease in
                lease.grant.state == .suspect && store.holders[lease.holder]?.state == .ended
            }
            .sorted { ($0.grant.id.text) < ($1.grant.id.text) }
        if let lease = suspects.randomElement(using: &source) {
            let lost = naive.lostUnits(of: lease.grant.id)
            try resolve(lease, used: lost)
            return
        }
        let grants = store.grants.values.filter { $0.grant.state == .suspect }
            .sorted { $0.grant.id.text < $1.grant.id.text }
        guard let grant = grants.randomElement(using: &source),
            let use = naive.uses[grant.reservation.text]
        else { return }
        let used = use.truth(of: grant.meter)
        _ = try commit(.resolve(ResolveCommand(grant: grant.grant.id, used: used)))
    }

    private mutating func resolve(
        _ lease: LeaseRecord,
        used: Int64
    ) throws(SimulationFailure) {
        let limits = plan.tenants.first { $0.id == lease.tenant }?.limits ?? []
        let ofMeter = limits.filter { $0.limit.meter == lease.meter }
        // Who has no budget of a meter has an unlimited month of it, and no lease.
        let isLongest = ofMeter.last.map { ExactString($0.name) } == lease.account.key.limit
        naive.resolve(lease, used: used, isLongest: isLongest)
        let total = lease.grant.posted + lease.grant.overage + used
        // A repeat must change nothing.
        for _ in 0..<2 {
            _ = try commit(.resolve(ResolveCommand(grant: lease.grant.id, used: total)))
        }
    }
}
