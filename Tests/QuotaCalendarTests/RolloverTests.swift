import QuotaCalendar
import QuotaModel
import Testing

@Suite struct RolloverTests {
    /// Cap 50 %, age one period, plan first: three months of 1,000.
    @Test func halfIsCarriedForOnePeriod() throws {
        let policy = try RolloverPolicy(cap: .percent(50), version: 7)
        let next = RolloverClosing.Next(allowance: 1_000)

        let first = try RolloverClosing(index: 1, allowance: 1_000, policy: policy)
            .close(used: 400, next: next)
        #expect(first.carriedUnits == 500)
        #expect(first.expired == [.init(originIndex: 1, units: 100, reason: .cap)])
        #expect(first.carried.map(\.policyVersion) == [7])

        let month2 = try RolloverClosing(
            index: 2,
            allowance: 1_000,
            lots: first.carried,
            policy: policy
        )
        #expect(month2.capacity == 1_500)
        let second = try month2.close(used: 1_200, next: next)
        #expect(second.planUsed == 1_000)
        #expect(second.carriedUsed == 200)
        #expect(second.carried.isEmpty)
        #expect(second.expired == [.init(originIndex: 1, units: 300, reason: .age)])

        let month3 = try RolloverClosing(
            index: 3,
            allowance: 1_000,
            lots: second.carried,
            policy: policy
        )
        #expect(month3.capacity == 1_000)
        let third = try month3.close(used: 1_000, next: next)
        #expect(third.carried.isEmpty && third.expired.isEmpty && third.overage == 0)
    }

    /// 5,000,000 tokens, 30 % used, 3,500,000 carried, the total capped at 10,000,000.
    @Test func aTotalCapsPlanAndCarriedTogether() throws {
        let policy = try RolloverPolicy(
            cap: .total(10_000_000),
            maxAgePeriods: nil,
            version: 1
        )
        let next = RolloverClosing.Next(allowance: 5_000_000)

        let first = try RolloverClosing(index: 1, allowance: 5_000_000, policy: policy)
            .close(used: 1_500_000, next: next)
        #expect(first.carriedUnits == 3_500_000)
        #expect(first.expired.isEmpty)

        let month2 = try RolloverClosing(
            index: 2,
            allowance: 5_000_000,
            lots: first.carried,
            policy: policy
        )
        #expect(month2.capacity == 8_500_000)
        let second = try month2.close(used: 0, next: next)
        #expect(second.carriedUnits == 5_000_000)
        #expect(second.expired == [.init(originIndex: 1, units: 3_500_000, reason: .cap)])
        let month3 = try RolloverClosing(
            index: 3,
            allowance: 5_000_000,
            lots: second.carried,
            policy: policy
        )
        #expect(month3.capacity == 10_000_000)
    }

    @Test func carriedFirstKeepsThePlan() throws {
        let policy = try RolloverPolicy(
            cap: .units(600),
            maxAgePeriods: 3,
            burnOrder: .carriedFirst,
            version: 1
        )
        let lots = [
            CarriedLot(originIndex: 2, units: 100, age: 1, maxAgePeriods: 3, policyVersion: 1),
            CarriedLot(originIndex: 1, units: 100, age: 2, maxAgePeriods: 3, policyVersion: 1),
        ]
        let outcome = try RolloverClosing(
            index: 3,
            allowance: 1_000,
            lots: lots,
            policy: policy
        )
        .close(used: 150, next: .init(allowance: 1_000))
        #expect(outcome.carriedUsed == 150)
        #expect(outcome.planUsed == 0)
        // The oldest lot is used first, and the youngest units are kept under the cap.
        #expect(outcome.carried.map(\.units) == [600])
        #expect(
            outcome.expired == [
                .init(originIndex: 2, units: 50, reason: .cap),
                .init(originIndex: 3, units: 400, reason: .cap),
            ]
        )
    }

    @Test func aNewPlanKeepsCapsOrForfeits() throws {
        let small = try RolloverPolicy(cap: .percent(10), version: 2)
        let close = { (rule: Rollover.PlanChangeRule, newPolicy: RolloverPolicy?) in
            let policy = try RolloverPolicy(cap: .units(500), onPlanChange: rule, version: 1)
            return try RolloverClosing(index: 0, allowance: 1_000, policy: policy)
                .close(used: 0, next: .init(allowance: 2_000, change: .newPlan(newPolicy)))
        }
        #expect(try close(.keep, nil).carriedUnits == 500)
        #expect(try close(.cap, small).carriedUnits == 200)
        #expect(try close(.cap, nil).carriedUnits == 0)
        let forfeited = try close(.forfeit, small)
        #expect(forfeited.carried.isEmpty)
        #expect(forfeited.expired == [.init(originIndex: 0, units: 1_000, reason: .planChange)])
    }

    @Test func withoutAPolicyOldLotsLiveOutTheirAge() throws {
        let lot = CarriedLot(
            originIndex: 0,
            units: 80,
            age: 1,
            maxAgePeriods: 2,
            policyVersion: 1
        )
        let closing = try RolloverClosing(index: 1, allowance: 100, lots: [lot], policy: nil)
        let outcome = try closing.close(used: 40, next: .init(allowance: 100))
        #expect(outcome.carried.map(\.units) == [80])
        #expect(outcome.carried.map(\.age) == [2])
        #expect(outcome.expired == [.init(originIndex: 1, units: 60, reason: .notCarried)])
    }

    @Test func useBeyondTheCapacityIsOverage() throws {
        let policy = try RolloverPolicy(cap: .units(10), version: 1)
        let outcome = try RolloverClosing(index: 0, allowance: 100, policy: policy)
            .close(used: .max, next: .init(allowance: 100))
        #expect(outcome.planUsed == 100)
        #expect(outcome.overage == .max - 100)
        #expect(outcome.carried.isEmpty && outcome.expired.isEmpty)
    }
}
