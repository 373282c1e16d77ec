import QuotaCalendar
import QuotaModel
import Testing

@Suite struct PlanChangeTests {
    private let june: Period
    private let half: Timestamp

    init() throws {
        june = Period(
            start: try Samples.instant("2026-06-01T00:00:00Z"),
            end: try Samples.instant("2026-07-01T00:00:00Z"),
            index: 5
        )
        half = try Samples.instant("2026-06-16T00:00:00Z")
    }

    @Test func anUpgradeAtHalfOfThePeriodGrowsByHalfOfTheDifference() throws {
        let effect = try PlanChange(from: 1_000, to: 3_000).effect(at: half, in: june)
        #expect(effect.actsAt == half)
        let capacity = try effect.applied(toCapacity: 1_000)
        #expect(capacity == 2_000)
        #expect(capacity - 900 == 1_100)
    }

    @Test func aDowngradeWaitsForTheBoundary() throws {
        let effect = try PlanChange(from: 3_000, to: 1_000).effect(at: half, in: june)
        #expect(effect.actsAt == june.end)
        #expect(effect.capacityChange == 0)
    }

    @Test func anImmediateDowngradeMayLeaveLessThanWasUsed() throws {
        let change = try PlanChange(from: 3_000, to: 1_000, downgrade: .immediately)
        let effect = change.effect(at: half, in: june)
        let capacity = try effect.applied(toCapacity: 3_000)
        #expect(capacity == 2_000)
        #expect(capacity - 2_500 == -500)
    }

    @Test func changesAddUpOnACapacityThatIsNotThePlans() throws {
        // 250 carried over and an earlier upgrade are part of the capacity, and stay.
        let effect = try PlanChange(from: 3_000, to: 5_000).effect(at: half, in: june)
        #expect(try effect.applied(toCapacity: 2_250) == 3_250)
    }

    @Test func theEdgesOfThePeriod() throws {
        let change = try PlanChange(from: 1_000, to: 3_000)
        #expect(change.effect(at: june.start, in: june).capacityChange == 2_000)
        #expect(change.effect(at: june.end, in: june).capacityChange == 0)
        let last = june.end.adding(nanoseconds: -1)
        #expect(change.effect(at: last, in: june).capacityChange == 0)
        let same = try PlanChange(from: 1_000, to: 1_000)
        #expect(same.effect(at: half, in: june).capacityChange == 0)
    }

    @Test func extremesAreRefusedNotTrapped() throws {
        #expect(throws: CalendarError.self) { try PlanChange(from: -1, to: 1) }
        #expect(throws: CalendarError.self) { try PlanChange(from: 1, to: .min) }
        let effect = try PlanChange(from: 0, to: .max).effect(at: june.start, in: june)
        #expect(try effect.applied(toCapacity: 0) == .max)
        let error = #expect(throws: CalendarError.self) { try effect.applied(toCapacity: 1) }
        #expect(error?.code == .quantityOutOfRange)
    }
}
