import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

@Suite struct BillingTimelineTests {
    @Test func aNewAnchorStartsWhereTheOldPeriodEnds() throws {
        var timeline = BillingTimeline(
            rule: .cycle(try Samples.cycle("UTC", "2026-01-01", .month))
        )
        let decided = try Samples.instant("2026-03-10T12:00:00Z")
        try timeline.change(
            to: .cycle(try Samples.cycle("Africa/Lagos", "2026-01-15", .month)),
            revision: 2,
            decidedAt: decided
        )

        let old = try #require(timeline.period(containing: decided))
        #expect(old.start.description == "2026-03-01T00:00:00Z")
        #expect(old.end.description == "2026-04-01T00:00:00Z")
        let short = try #require(timeline.period(containing: old.end))
        #expect(short.start == old.end)
        #expect(short.end.description == "2026-04-14T23:00:00Z")
        let whole = try #require(timeline.period(containing: short.end))
        #expect(whole.start == short.end)
        #expect(whole.end.description == "2026-05-14T23:00:00Z")
        #expect(timeline.segment(governing: decided).revision == 1)
        #expect(timeline.segment(governing: old.end).revision == 2)
    }

    @Test func aPendingChangeIsReplaced() throws {
        var timeline = BillingTimeline(
            rule: .cycle(try Samples.cycle("UTC", "2026-01-01", .month))
        )
        try timeline.change(
            to: .cycle(try Samples.cycle("UTC", "2026-01-10", .month)),
            revision: 2,
            decidedAt: try Samples.instant("2026-03-10T00:00:00Z")
        )
        try timeline.change(
            to: .cycle(try Samples.cycle("UTC", "2026-01-20", .month)),
            revision: 3,
            decidedAt: try Samples.instant("2026-03-11T00:00:00Z")
        )
        #expect(timeline.segments.map(\.revision) == [1, 3])
        let april = try #require(
            timeline.period(containing: try Samples.instant("2026-04-01T00:00:00Z"))
        )
        #expect(april.end.description == "2026-04-20T00:00:00Z")
    }

    @Test func refusesToRewriteHistory() throws {
        let cycle = try Samples.cycle("UTC", "2026-01-01", .month)
        var timeline = BillingTimeline(rule: .cycle(cycle))
        let decided = try Samples.instant("2026-03-10T00:00:00Z")
        try timeline.change(to: .cycle(cycle), revision: 2, decidedAt: decided)
        let before = timeline
        let error = #expect(throws: CalendarError.self) {
            try timeline.change(
                to: .cycle(cycle),
                revision: 3,
                decidedAt: decided.adding(nanoseconds: -1)
            )
        }
        #expect(error?.code == .changeOutOfOrder)
        #expect(timeline == before)
    }

    @Test func refusesWhereATableHasNoPeriod() throws {
        let dates = try ["2026-01-01", "2026-02-01"].map { try Samples.local($0) }
        let table = PeriodRule.table(try BoundaryTable(zone: .utc, boundaries: dates))
        let cycle = PeriodRule.cycle(.calendar(zone: .utc, interval: .month))
        let january = try Samples.instant("2026-01-15T00:00:00Z")
        let march = try Samples.instant("2026-03-15T00:00:00Z")

        var fromTable = BillingTimeline(rule: table)
        #expect(fromTable.period(containing: march) == nil)
        #expect(throws: CalendarError.self) {
            try fromTable.change(to: cycle, revision: 2, decidedAt: march)
        }
        try fromTable.change(to: cycle, revision: 2, decidedAt: january)
        #expect(fromTable.period(containing: march)?.start.description == "2026-03-01T00:00:00Z")

        var toTable = BillingTimeline(rule: cycle)
        let error = #expect(throws: CalendarError.self) {
            try toTable.change(to: table, revision: 2, decidedAt: march)
        }
        #expect(error?.code == .outsideBoundaryTable)
        #expect(throws: CalendarError.self) {
            try toTable.change(to: cycle, revision: 2, decidedAt: .distantFuture)
        }
    }

    /// Random changes of zone, anchor and interval: walking forward, walking backward and asking
    /// at random give the same periods, and what was over before a change is not changed by it.
    @Test(arguments: 0..<40)
    func tilesWhateverChanges(round: Int) throws {
        let seed = 0x71_3E00 + UInt64(round)
        var random = SeededRandom(seed: seed)
        var timeline = BillingTimeline(rule: try randomRule(using: &random))
        var decided = Timestamp(seconds: 1_600_000_000)
        let from = decided.adding(nanoseconds: -40 * 86_400_000_000_000)
        for revision in Int64(2)..<10 {
            let hours = Int64.random(in: 0..<2_000, using: &random)
            decided = decided.adding(nanoseconds: hours * 3_600_000_000_000)
            let before = timeline
            try timeline.change(
                to: try randomRule(using: &random),
                revision: revision,
                decidedAt: decided
            )
            let probe = Int64.random(in: from.nanoseconds...decided.nanoseconds, using: &random)
            let instant = Timestamp(nanoseconds: probe)
            #expect(
                timeline.period(containing: instant) == before.period(containing: instant),
                "seed \(seed)"
            )
        }
        var walked: [Period] = []
        var instant = from
        while instant < decided.adding(nanoseconds: 30 * 86_400_000_000_000) {
            let period = try #require(timeline.period(containing: instant))
            #expect(walked.isEmpty || period.start == instant, "seed \(seed)")
            walked.append(period)
            instant = period.end
        }
        for period in walked.reversed() {
            let inside = Timestamp(
                nanoseconds: .random(
                    in: period.start.nanoseconds..<period.end.nanoseconds,
                    using: &random
                )
            )
            #expect(timeline.period(containing: inside) == period, "seed \(seed)")
        }
    }

    private func randomRule(using random: inout SeededRandom) throws -> PeriodRule {
        let name = try #require(Samples.zoneNames.randomElement(using: &random))
        let interval = try #require(BillingInterval.allCases.randomElement(using: &random))
        let anchor = try Samples.anchor(using: &random)
        return .cycle(
            BillingCycle(zone: try ZoneRules(name), anchor: anchor, interval: interval)
        )
    }
}
