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
        case 230..<300: askToEnd(node, &source)
        case 300..<330: askToExtend(&source)
        case 330..<390: askAgain(&source)
        case 390..<470: if nodes[node].state == .up { sync(node) }
        case 470..<590: foldJournal(node)
        case 590..<690: callAgain(node)
        case 690..<730: try expireDue(node)
        case 730..<760:
            let tenant = plan.tenants.randomElement(using: &source)?.id
            if let tenant { giveBack(tenant, node, everything: Bool.random(using: &source)) }
        case 760..<764:
            if nodes[node].state == .up { call(.listLeases(nodes[node].holder), node) }
        case 764..<775:
            let tenant = plan.tenants.randomElement(using: &source)?.id
            if let tenant { evict(tenant, node) }
        case 775..<880: try goWrong(kind, node, &source)
        case 880..<913: try commit(.sweep(sweepCommand))
        default: try administer(kind, number, &source)
        }
    }

    private mutating func goWrong(
        _ kind: Int,
        _ node: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        switch kind {
        case 775..<789: try crash(node)
        case 789..<799: try cutPower(node, &source)
        case 799..<803: try loseDisk(node)
        case 803..<855: start(node)
        case 855..<863: pause(node)
        case 863..<870: try resume(node)
        case 870..<874: stepClock(node, &source)
        case 874..<876: loseLedger(&source)
        case 876..<878: restartLedger()
        default: stepLedgerClock(&source)
        }
    }

    private mutating func administer(
        _ kind: Int,
        _ number: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        switch kind {
        case 913..<924: try changeLimit(&source)
        case 924..<930: try topUp(number, &source)
        case 930..<935: try reset(&source)
        case 935..<942: endPeriod(&source)
        case 942..<960: try resolve(&source)
        case 960..<980: try askLedger(&source)
        case 980..<985: try allocate(number, &source)
        case 985..<989: try adjust(number, &source)
        case 989..<992: try importUsage(number, &source)
        case 992..<996: try endForeign(&source)
        default: try resolveEarly(&source)
        }
    }

    var sweepCommand: SweepCommand {
        SweepCommand(forgetAnswersBefore: .distantPast, maximumAnswers: .max)
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

    private mutating func evict(_ tenant: TenantID, _ node: Int) {
        guard nodes[node].state == .up else { return }
        if nodes[node].table.evict(tenant, steady: now) { return }
        giveBack(tenant, node, everything: true)
    }

    // MARK: Time

    /// Time passes to shortly before, or after, the end of a day.
    private mutating func endPeriod(_ source: inout SeededRandom) {
        let midnight = CivilDate(daysSinceEpoch: ledgerNow.date.daysSinceEpoch + 1).startUTC
        let wanted =
            midnight.nanoseconds + Int64.random(in: -2...1_200, using: &source) * 1_000_000_000
        time = max(time, wanted - ledgerOffset)
        if recordsHistory { note("the day ends") }
    }
}
