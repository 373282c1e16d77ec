import QuotaLedger
import QuotaModel
import Testing

@Suite("Events, hours and days")
struct UsageCheckTests {
    private static let hour: Int64 = 3_600_000_000_000
    private let tenant = TenantID(trusted: "acme")

    private func hour(_ meter: Meter, _ units: Int64, _ postings: Int64) -> UsageRow {
        .hour(
            HourlyUsageKey(
                tenant: tenant, key: .service, meter: meter.id, model: nil,
                hour: Timestamp(nanoseconds: 0)), UsageSum(units: units, postings: postings))
    }

    private func event(_ meter: Meter, _ units: Int64, id: String = "d_1") -> UsageRow {
        .event(
            UsageEvent(
                tenant: tenant, id: id, meter: meter.id, units: units, overage: 0, key: .service,
                model: nil, admittedAt: Timestamp(nanoseconds: Self.hour - 1),
                postedAt: .distantPast, adjusts: nil, idempotencyKey: nil, metadata: nil))
    }

    private func day(_ meter: Meter, _ units: Int64) -> UsageRow {
        .day(
            MeterDay(date: CivilDate(daysSinceEpoch: 0), meter: meter.id, tenant: tenant),
            units: units)
    }

    /// How many differences there are of events, and of totals but for days that nobody counted.
    private func check(_ rows: [UsageRow], changedAt: Timestamp? = nil) -> [Int] {
        var rules: [MeterID: MeterRule] = [:]
        for meter in Meter.builtIn { rules[meter.id] = MeterRule(meter, changedAt: changedAt) }
        var check = UsageCheck(rules: rules)
        for row in rows { check.take(row) }
        check.finish()
        let uncounted = Set(
            rows.compactMap { row in
                if case .day(let day, _) = row { day.meter } else { nil }
            })
        return [check.events.differences, check.totals.differences - uncounted.count]
    }

    @Test(
        "of calls, of which only some have an event",
        arguments: [
            (6, 3, 0), (5, 3, 0), (2, 1, 0), (4, 3, 0), (3, 3, 1), (3, 1, 1), (1, 1, 1), (2, 0, 1),
            (1, 0, 1),
        ] as [(Int64, Int64, Int)])
    func someEvents(units: Int64, postings: Int64, differences: Int) {
        let rows = [
            event(.apiCalls, 2), hour(.apiCalls, units, postings), day(.apiCalls, units),
        ]
        #expect(check(rows) == [differences, 0])
    }

    @Test(
        "of tokens, of which each has an event",
        arguments: [
            (9, 3, 0, 0), (10, 3, 1, 1), (8, 3, 1, 1), (9, 2, 1, 1), (9, 4, 1, 1), (11, 4, 1, 0),
        ] as [(Int64, Int64, Int, Int)])
    func allEvents(units: Int64, postings: Int64, differences: Int, onceChanged: Int) {
        let rows = [
            event(.aiTokens, 2), event(.aiTokens, 5), event(.aiTokens, -3, id: "a_1"),
            event(.aiTokens, 5, id: "a.import.x"), hour(.aiTokens, units, postings),
            day(.aiTokens, units),
        ]
        #expect(check(rows) == [differences, 0])
        // The hour of the change, and the one after it, may have postings without one.
        let changed = check(rows, changedAt: Timestamp(nanoseconds: 0))
        #expect(changed == [onceChanged, 0])
    }

    @Test("of seats: what was taken makes the day", arguments: [(4, 0), (3, 1), (5, 1)])
    func allocations(units: Int64, differences: Int) {
        let rows = [event(.teamMembers, 4), event(.teamMembers, -1), day(.teamMembers, units)]
        #expect(check(rows) == [0, differences])
    }

    @Test("sums that may have stopped at the largest number are not compared")
    func saturated() {
        let rows = [
            event(.aiTokens, .max), event(.aiTokens, 5), hour(.aiTokens, .max, 2),
            hour(.apiCalls, .max - 5, 2), day(.aiTokens, .max), day(.apiCalls, .max - 5),
        ]
        #expect(check(rows) == [0, 0])
        let more = [hour(.apiCalls, 5, 2), day(.apiCalls, 6)]
        #expect(check(more) == [0, 1])
    }

    @Test("calls that were imported count as many postings as units")
    func importedCalls() {
        let rows = [
            event(.apiCalls, 5, id: "a.import.x"), hour(.apiCalls, 5, 5), day(.apiCalls, 5),
        ]
        #expect(check(rows) == [0, 0])
    }

    @Test("without their other half are found")
    func halves() {
        #expect(check([event(.aiTokens, 1)]) == [1, 0])
        #expect(check([hour(.aiTokens, 1, 1)]) == [1, 1])
        #expect(check([day(.aiTokens, 1)]) == [0, 1])
        #expect(check([hour(.apiCalls, 1, 1)]) == [0, 1])
    }
}
