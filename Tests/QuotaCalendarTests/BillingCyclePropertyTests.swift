import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

@Suite struct BillingCyclePropertyTests {
    private static let slices = 8
    private static let anchorsPerZone = 3

    /// About a million instants in all: every zone, several anchors, every interval, 1970 to 2100.
    @Test(arguments: 0..<slices)
    func everyInstantFallsInExactlyOnePeriod(slice: Int) throws {
        let seed = 0xCA1E_0000 + UInt64(slice)
        var random = SeededRandom(seed: seed)
        let names = Samples.zoneNames.enumerated().filter { $0.offset % Self.slices == slice }
        for (_, name) in names {
            let zone = try ZoneRules(name)
            for _ in 0..<Self.anchorsPerZone {
                let anchor = try Samples.anchor(using: &random)
                for interval in BillingInterval.allCases {
                    let cycle = BillingCycle(zone: zone, anchor: anchor, interval: interval)
                    let failure = firstFailure(of: cycle, using: &random)
                    #expect(failure == nil, "\(name) \(anchor) \(interval), seed \(seed)")
                }
            }
        }
    }

    /// Plain comparisons: a million expectations would take longer than what they check.
    private func firstFailure(
        of cycle: BillingCycle,
        using random: inout SeededRandom
    ) -> String? {
        let century = Samples.centurySeconds
        for round in 0..<175 {
            let second = Int64.random(in: century, using: &random)
            let instant = Timestamp(nanoseconds: second * 1_000_000_000 + Int64(round))
            let period = cycle.period(containing: instant)
            guard period.contains(instant) else { return "\(instant) not in \(period)" }
            guard period.start == cycle.boundary(period.index),
                period.end == cycle.boundary(period.index + 1)
            else { return "\(period) is not what its index says" }
            // The neighbours of every fourth: they share the boundary and nothing else.
            guard round % 4 == 0 else { continue }
            let last = period.end.adding(nanoseconds: -1)
            let next = cycle.period(containing: period.end)
            let previous = cycle.period(containing: period.start.adding(nanoseconds: -1))
            guard cycle.period(containing: period.start) == period,
                cycle.period(containing: last) == period,
                next.start == period.end, next.index > period.index,
                previous.end == period.start, previous.index < period.index
            else { return "\(previous) \(period) \(next) do not tile" }
        }
        return nil
    }

    /// Day by day through the transitions of every zone: nothing is skipped and nothing repeats.
    @Test func daysTileAcrossTransitions() throws {
        let seed: UInt64 = 0xDA15
        var random = SeededRandom(seed: seed)
        for name in Samples.zoneNames {
            let zone = try ZoneRules(name)
            let anchor = try Samples.anchor(using: &random)
            let cycle = BillingCycle(zone: zone, anchor: anchor, interval: .day)
            let transitions = TransitionSearch.transitions(of: zone, strideSeconds: 2_592_000)
            for _ in 0..<5 {
                guard let transition = transitions.randomElement(using: &random) else { break }
                let start = Timestamp(seconds: transition.second - 3 * 86_400)
                let days = cycle.periods(from: start, count: 6)
                let isTiled = zip(days, days.dropFirst()).allSatisfy { $0.end == $1.start }
                #expect(isTiled && days.count == 6, "\(name) \(anchor) \(start), seed \(seed)")
            }
        }
    }

    /// Against dates found by counting months one at a time and trying days one at a time.
    @Test func monthsAgreeWithCounting() throws {
        let seed: UInt64 = 0x3130
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let anchor = try Samples.anchor(using: &random)
            let cycle = BillingCycle(zone: .utc, anchor: anchor, interval: .month)
            var year = anchor.date.year
            var month = anchor.date.month
            for index in Int64(0)..<50 {
                var day = anchor.date.day
                while CivilDate(year: year, month: month, day: day) == nil { day -= 1 }
                let date = try #require(CivilDate(year: year, month: month, day: day))
                #expect(cycle.boundary(index).date == date, "\(anchor) \(index), seed \(seed)")
                month += 1
                if month == 13 { (year, month) = (year + 1, 1) }
            }
        }
    }
}
