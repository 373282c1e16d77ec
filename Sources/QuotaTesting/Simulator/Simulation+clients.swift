import QuotaEngine
import QuotaLedger
import QuotaModel

// What clients do.
extension Simulation {
    mutating func ask(_ node: Int, _ source: inout SeededRandom) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        open(kind(&source), tenant.id, node, amounts(&source))
    }

    func kind(_ source: inout SeededRandom) -> SimulatedClient.Operation.Kind {
        let isReservation = Int.random(in: 0..<3, using: &source) == 0
        // Most are soon over, some take up to a day.
        let longest: Int64 = Int.random(in: 0..<10, using: &source) == 0 ? 86_400 : 120
        let ttl = Int64.random(in: 1...longest, using: &source) * 1_000_000_000
        let onExpiry = Reservation.OnExpiry.allCases.randomElement(using: &source) ?? .suspect
        return isReservation ? .reserve(ttlNanoseconds: ttl, onExpiry) : .consume
    }

    func amounts(_ source: inout SeededRandom) -> [MeterID: Int64] {
        var amounts: [MeterID: Int64] = [:]
        if Int.random(in: 0..<4, using: &source) != 0 {
            amounts[SimulationPlan.tokens] =
                Int64.random(in: 1...40, using: &source) * plan.scale
        }
        if amounts.isEmpty || Bool.random(using: &source) {
            amounts[SimulationPlan.calls] = Int64.random(in: 1...3, using: &source)
        }
        return amounts
    }

    mutating func askToEnd(_ node: Int, _ source: inout SeededRandom) {
        guard let place = client.open.indices.randomElement(using: &source) else { return }
        let (id, operation) = client.open[place]
        // Some clients forget, and say something else later.
        if Int.random(in: 0..<5, using: &source) != 0 { client.open.remove(at: place) }
        end(id, client.operations[operation], &source)
    }

    mutating func end(
        _ id: ReservationID,
        _ made: SimulatedClient.Operation,
        _ source: inout SeededRandom
    ) {
        var event = ReservationEvent.void
        if Int.random(in: 0..<4, using: &source) != 0 {
            var charges: [Charge] = []
            for (meter, held) in made.amounts.sorted(by: { $0.key < $1.key }) {
                // What is not named settles as held.
                if Int.random(in: 0..<8, using: &source) == 0 { continue }
                let held = held + (client.added[id]?[meter] ?? 0)
                let most = held + held / 3
                charges.append(
                    Charge(meter: meter, amount: Int64.random(in: 0...most, using: &source)))
            }
            event = .settle(charges)
        }
        open(.conclude(id, event), made.tenant, made.node, made.amounts)
    }

    mutating func open(
        _ kind: SimulatedClient.Operation.Kind,
        _ tenant: TenantID,
        _ node: Int,
        _ amounts: [MeterID: Int64]
    ) {
        let operation = append(kind, tenant, node, amounts)
        if recordsHistory {
            note(
                "client asks \(operation) of \(nodes[node].name): \(kind) "
                    + "\(amounts.values.sorted())")
        }
        request(operation)
    }

    /// - Returns: the number of a new operation.
    mutating func append(
        _ kind: SimulatedClient.Operation.Kind,
        _ tenant: TenantID,
        _ node: Int,
        _ amounts: [MeterID: Int64],
        isDirect: Bool = false
    ) -> Int {
        let id = client.operations.count
        client.operations.append(
            SimulatedClient.Operation(
                id: id, kind: kind, tenant: tenant, node: node, amounts: amounts,
                isDirect: isDirect, answer: nil))
        return id
    }

    mutating func request(_ operation: Int) {
        let node = client.operations[operation].node
        send(
            .request(
                SimulatedNode.Request(operation: operation, arrivedAt: now), node: node))
    }

    /// A client that heard nothing asks again, and sometimes one that did.
    mutating func askAgain(_ source: inout SeededRandom) {
        let isForgetful = Int.random(in: 0..<6, using: &source) == 0
        let waiting = client.operations.suffix(24)
            .filter { !$0.isDirect && (isForgetful || $0.answer == nil) }
        guard let operation = waiting.randomElement(using: &source) else { return }
        request(operation.id)
    }

    mutating func hear(_ answer: SimulatedClient.Answer, _ operation: Int) {
        guard client.operations[operation].answer == nil else { return }
        client.operations[operation].answer = answer
        if recordsHistory { note("client hears \(operation): \(answer)") }
        if case .admitted(let id?) = answer {
            client.open.append((id, operation))
            askForMore(after: operation)
        }
        if answer == .extended, case .extend(let id) = client.operations[operation].kind {
            askForMore(after: operation)
            client.added[id, default: [:]].merge(client.operations[operation].amounts) { $0 + $1 }
        }
    }
}
