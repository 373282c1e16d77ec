import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// Reservations that are given more.
extension Simulation {
    /// A client needs more than it holds.
    mutating func askToExtend(_ source: inout SeededRandom) {
        // Mostly one that has just begun: others are over soon.
        guard let (id, number) = client.open.suffix(2).randomElement(using: &source) else { return }
        let made = client.operations[number]
        var amounts: [MeterID: Int64] = [:]
        for meter in made.amounts.keys.sorted() where Bool.random(using: &source) {
            amounts[meter] =
                meter == SimulationPlan.tokens
                ? Int64.random(in: 1...30, using: &source) * plan.scale
                : Int64.random(in: 1...3, using: &source)
        }
        if amounts.isEmpty { return }
        open(.extend(id), made.tenant, made.node, amounts)
    }

    /// Many need more as soon as they have begun, and again.
    mutating func askForMore(after operation: Int) {
        var source = SeededRandom(seed: seed ^ UInt64(operation) &* 0xD134_2543_DE82_EF95)
        if Bool.random(using: &source) { askToExtend(&source) }
    }

    /// Tells the naive count of what a reservation was given.
    mutating func extend(
        _ id: String,
        _ parts: [NaiveUse.Part],
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        let life = nodes[node].life
        guard let use = naive.uses[id], wall(node) < use.expiresAt else {
            throw fail("\(id) was extended after its time")
        }
        let wrong = naive.extend(id, operation.amounts, parts, by: operation.id, life: life)
        if let wrong { throw fail(wrong) }
        for rate in use.rates {
            guard let units = operation.amounts[rate.meter] else { continue }
            naive.rates.pass(units, at: time, NaiveRates.Place(life: life, key: rate.key))
        }
    }

    /// What can't be extended must be over, or elsewhere, or too large.
    func judge(
        _ error: ExtensionError,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) {
        guard case .extend(let id) = operation.kind, let use = naive.uses[id.text] else { return }
        switch error {
        case .notHeld:
            let isHeld = use.life == nodes[node].life && use.truth.state == .held
            if isHeld, !use.isLost, !use.isDecided, wall(node) < use.expiresAt {
                throw fail("\(id) is held and was not extended")
            }
        case .tooLarge(let meter, _):
            let sum = (use.held[meter] ?? 0) + (operation.amounts[meter] ?? 0)
            if sum <= Amount.maximum { throw fail("\(id) was not extended to \(sum)") }
        case .tooManyPieces:
            let pieces = Dictionary(grouping: use.parts, by: \.account.key).values.map(\.count)
            if pieces.max() ?? 0 < HoldExtension.maximumPiecesPerAccount {
                throw fail("\(id) was not extended, and has \(pieces) pieces")
            }
        case .meterNotHeld: throw fail("\(id) was not extended by what it holds")
        }
    }
}
