import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

@Suite struct RolloverPropertyTests {
    /// A year of random periods, each closed against a model that moves single units.
    @Test(arguments: 0..<200)
    func everyUnitIsUsedCarriedOrExpired(round: Int) throws {
        let seed = 0x2011 + UInt64(round)
        var random = SeededRandom(seed: seed)
        let policy = try randomPolicy(using: &random)
        var lots: [CarriedLot] = []
        for index in Int64(0)..<12 {
            let allowance = Int64.random(in: 0...40, using: &random)
            let closing = try RolloverClosing(
                index: index,
                allowance: allowance,
                lots: lots,
                policy: policy
            )
            let used = Int64.random(in: 0...60, using: &random)
            let next = RolloverClosing.Next(allowance: .random(in: 0...40, using: &random))
            let outcome = try closing.close(used: used, next: next)

            let unused = closing.capacity - outcome.planUsed - outcome.carriedUsed
            #expect(unused == outcome.carriedUnits + outcome.expiredUnits, "seed \(seed)")
            #expect(
                used == outcome.planUsed + outcome.carriedUsed + outcome.overage,
                "seed \(seed)"
            )
            let model = UnitModel(closing: closing, policy: policy)
            #expect(outcome.carried.map(\.units) == model.carry(used, next), "seed \(seed)")

            // A provisional carry can only grow when it turns out that less was used.
            let less = try closing.close(used: used / 2, next: next)
            #expect(less.carriedUnits >= outcome.carriedUnits, "seed \(seed)")
            lots = outcome.carried
        }
    }

    @Test func hostileQuantitiesAreRefused() throws {
        let policy = try RolloverPolicy(cap: .percent(10_000), maxAgePeriods: nil, version: 1)
        let lot = { (units: Int64, age: Int) in
            CarriedLot(
                originIndex: 0,
                units: units,
                age: age,
                maxAgePeriods: nil,
                policyVersion: 1
            )
        }
        for lots in [[lot(0, 1)], [lot(-1, 1)], [lot(1, 0)], [lot(1, .max)], [lot(.max, 1)]] {
            #expect(throws: CalendarError.self) {
                try RolloverClosing(index: 1, allowance: 1, lots: lots, policy: policy)
            }
        }
        #expect(throws: CalendarError.self) {
            try RolloverClosing(index: 1, allowance: -1, policy: policy)
        }
        let whole = try RolloverClosing(index: 1, allowance: .max, policy: policy)
        #expect(try whole.close(used: 0, next: .init(allowance: .max)).carriedUnits == .max)
        #expect(throws: CalendarError.self) {
            try whole.close(used: -1, next: .init(allowance: .min))
        }
    }

    @Test func policiesAreChecked() {
        for cap in [Rollover.Cap.units(-1), .total(.min), .percent(-1), .percent(10_001)] {
            #expect(throws: Rollover.Invalid.self) { try RolloverPolicy(cap: cap, version: 1) }
        }
        for age in [0, -1, .min] {
            #expect(throws: Rollover.Invalid.self) {
                try RolloverPolicy(cap: .units(1), maxAgePeriods: age, version: 1)
            }
        }
    }

    private func randomPolicy(using random: inout SeededRandom) throws -> RolloverPolicy {
        let caps: [Rollover.Cap] = [
            .units(.random(in: 0...80, using: &random)),
            .percent(.random(in: 0...250, using: &random)),
            .total(.random(in: 0...120, using: &random)),
        ]
        return try RolloverPolicy(
            cap: Int.random(in: 0..<8, using: &random) == 0
                ? nil : caps.randomElement(using: &random),
            maxAgePeriods: Bool.random(using: &random) ? nil : .random(in: 1...4, using: &random),
            burnOrder: Bool.random(using: &random) ? .planFirst : .carriedFirst,
            version: 1
        )
    }
}

/// Rule 11 with one array element per unit.
private struct UnitModel {
    let closing: RolloverClosing
    let policy: RolloverPolicy

    /// The units of each lot of the next period, the oldest first.
    func carry(_ used: Int64, _ next: RolloverClosing.Next) -> [Int64] {
        // Each unit is the index of its origin; the plan's own are the youngest.
        let carried = closing.lots.flatMap {
            Array(repeating: $0.originIndex, count: Int($0.units))
        }
        let plan = Array(repeating: closing.index, count: Int(closing.allowance))
        let order = policy.rollover.burnOrder == .planFirst ? plan + carried : carried + plan
        let unused = order.dropFirst(Int(used)).sorted()
        let young = unused.filter {
            closing.index + 1 - $0 <= Int64(policy.rollover.maxAgePeriods ?? 99)
        }
        let kept = young.suffix(Int(min(cap(next), 1_000_000)))
        return Set(kept).sorted().map { origin in Int64(kept.count { $0 == origin }) }
    }

    private func cap(_ next: RolloverClosing.Next) -> Int64 {
        switch policy.rollover.cap {
        case .units(let units)?: units
        case .percent(let percent)?: closing.allowance * Int64(percent) / 100
        case .total(let total)?: max(0, total - next.allowance)
        case nil: .max
        }
    }
}
