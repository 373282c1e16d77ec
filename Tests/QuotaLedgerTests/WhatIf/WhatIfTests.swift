import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Testing

@Suite("what a plan would have refused")
struct WhatIfTests {
    private typealias History = WhatIfHistory

    private func tokens(
        _ quantity: Int64?,
        _ window: Window,
        scope: LimitScope = .tenant,
        mode: Limit.Mode = .enforce,
        burst: Int64? = nil
    ) -> Limit {
        Limit(
            meter: History.tokens, scope: scope, window: window, quantity: quantity, burst: burst,
            mode: mode)
    }

    @Test("a budget counts from the start of the period, and tells of refusals since then only")
    func budget() {
        var history = History(tokens(100, .month))
        history.event(60, at: History.day(2))
        history.event(50, at: History.day(3))  // refused before since
        history.event(30, at: History.day(9))
        history.event(11, at: History.day(12))  // 90 are used
        history.event(10, at: History.day(13))
        history.event(1, at: History.day(14))
        let found = history.judged()
        #expect(found.sums == [[2, 12]])
        #expect(found.requests == 2)
        #expect(found.limits[0].first == History.day(12))
        #expect(found.limits[0].last == History.day(14))
        #expect(found.limits[0].instants == [History.day(12), History.day(14)])
    }

    @Test("what was used before the period does not count, nor what comes after the end")
    func periods() {
        var history = History(tokens(100, .day))
        history.event(100, at: History.day(11, hour: 23, second: 3_599))
        history.event(100, at: History.day(12, hour: 0))
        history.event(1, at: History.day(12, hour: 0, second: 1))
        history.event(500, at: History.instant("2026-12-01T00:00:00Z"))
        #expect(history.judged().sums == [[1, 1]])
    }

    @Test("periods are those of the tenant's zone")
    func zones() throws {
        var history = History(tokens(100, .day))
        history.zone = try ZoneRules("Asia/Tokyo")
        history.event(100, at: History.day(12, hour: 14, second: 3_599))
        history.event(100, at: History.day(12, hour: 15))
        #expect(history.judged().sums == [[0, 0]])
        history.zone = .utc
        #expect(history.judged().sums == [[1, 100]])
    }

    @Test("a refused request counts against no limit, and its events stand together")
    func allOrNothing() {
        var history = History(
            tokens(100, .month), tokens(50, .day),
            tokens(20, .month, scope: .model(ModelName(trusted: "m"))))
        history.event(50, at: History.day(12))
        history.event(21, at: History.day(12, second: 1), model: "m")  // day and model refuse
        history.event(20, at: History.day(13), model: "m")
        history.event(30, at: History.day(14))
        history.event(1, at: History.day(15))  // the month refuses
        let found = history.judged()
        #expect(found.sums == [[1, 1], [1, 21], [1, 21]])
        #expect(found.requests == 2)
    }

    @Test("events of one id and instant are one request; of another instant they are another")
    func requests() {
        let meter = Meter(id: MeterID(trusted: "gpu"), kind: .counter, recording: .event)
        let limits = [
            tokens(100, .month), Limit(meter: meter.id, window: .month, quantity: 5),
        ]
        let plan = WhatIfPlan(
            Plan(id: .fallback, name: "Q", weight: 1, limits: limits),
            meters: [WhatIfPlan.RecordedMeter(.aiTokens), WhatIfPlan.RecordedMeter(meter)])
        var judge = WhatIfTenant(
            plan, tenant: History.tenant, calendar: TenantCalendar(zone: .utc),
            since: History.day(1, hour: 0), until: History.day(30))
        func event(_ id: String, _ meter: MeterID, _ units: Int64, _ at: Timestamp) -> UsageEvent {
            UsageEvent(
                tenant: History.tenant, id: id, meter: meter, units: units, overage: 0,
                key: .service, model: nil, admittedAt: at, postedAt: at, adjusts: nil,
                idempotencyKey: nil, metadata: nil)
        }
        judge.take(event("d_1", History.tokens, 90, History.day(2)))
        judge.take(event("d_1", meter.id, 6, History.day(2)))  // refused, and the tokens with it
        judge.take(event("d_1", History.tokens, 95, History.day(3)))
        judge.take(event("d_2", History.tokens, 6, History.day(3)))  // refused
        judge.finish()
        #expect(judge.refusals.sums == [[1, 6], [1, 6]])
        #expect(judge.refusals.requests == 2)
    }

    @Test("row F: a limit in shadow mode reports who it would have refused, and refuses nothing")
    func shadow() {
        var history = History(tokens(10, .day, mode: .shadow), tokens(100, .month))
        history.event(60, at: History.day(12))
        history.event(40, at: History.day(12, second: 1))
        history.event(5, at: History.day(12, second: 2))
        let found = history.judged()
        #expect(found.sums == [[3, 105], [1, 5]])
        #expect(found.requests == 1, "the shadow limit refuses nothing")
    }

    @Test("each key has a budget of its own, and use without a key has none")
    func keys() {
        var history = History(tokens(10, .day, scope: .key(nil)))
        history.event(10, at: History.day(12), key: "k1")
        history.event(10, at: History.day(12, second: 1), key: "k2")
        history.event(1, at: History.day(12, second: 2), key: "k1")
        history.event(100, at: History.day(12, second: 3))
        #expect(history.judged().sums == [[1, 1]])
    }

    @Test("a rate is the engine's bucket")
    func rates() {
        var history = History(tokens(60, .minute, burst: 10))
        history.event(10, at: History.day(12))
        history.event(1, at: History.day(12, second: 0).adding(nanoseconds: 999_999_999))
        history.event(1, at: History.day(12, second: 1))
        history.event(11, at: History.day(13))  // never fits
        #expect(history.judged().sums == [[2, 12]])
    }

    @Test("a bucket is as empty at the beginning as what was used before makes it")
    func rateBefore() {
        var history = History(tokens(60, .minute, burst: 60))
        history.since = "2026-11-12T12:00:30Z"
        history.event(60, at: History.day(12))
        history.event(31, at: History.day(12, second: 30))
        history.event(30, at: History.day(12, second: 31))
        #expect(history.judged().sums == [[1, 31]])
    }

    @Test("of an hour that does not fit, what fits passes")
    func hours() {
        var history = History(Limit(meter: History.calls, window: .month, quantity: 100))
        history.hour(90, of: 90, at: History.day(12, hour: 3))
        history.hour(30, of: 15, at: History.day(12, hour: 4))
        history.hour(8, of: 8, at: History.day(12, hour: 5))
        let found = history.judged()
        #expect(found.sums == [[18, 28]])
        #expect(found.limits[0].first == History.day(12, hour: 4))
    }

    @Test("a meter that is recorded by event is not counted twice, nor one by the hour")
    func twice() {
        var history = History(
            tokens(100, .month), Limit(meter: History.calls, window: .month, quantity: 100))
        history.event(60, at: History.day(12))
        history.hour(60, of: 1, at: History.day(12), meter: History.tokens)
        history.event(60, at: History.day(12), meter: History.calls)
        history.hour(60, of: 60, at: History.day(12))
        #expect(history.judged().sums == [[0, 0], [0, 0]])
    }

    @Test("a meter that was by the hour once counts by the hour until it was changed")
    func changed() {
        var history = History(tokens(100, .month))
        history.changes[History.tokens] = History.day(12, hour: 3, second: 60)
        // The hour of the change counts by its sum, the next one by its events.
        history.hour(60, of: 2, at: History.day(12, hour: 3), meter: History.tokens)
        history.event(30, at: History.day(12, hour: 3, second: 90))
        history.event(30, at: History.day(12, hour: 4))
        history.hour(30, of: 1, at: History.day(12, hour: 4), meter: History.tokens)
        history.event(11, at: History.day(12, hour: 5))
        #expect(history.judged().sums == [[1, 11]])
    }

    @Test("corrections and imports count and are never refused", arguments: ["a_1", "a.import.x"])
    func corrections(id: String) {
        var history = History(tokens(100, .month), tokens(1, .second))
        history.limits[1].burst = 200
        history.event(120, at: History.day(12), id: id)
        history.event(10, at: History.day(13))
        history.event(-70, at: History.day(14), id: "a_2")
        history.event(51, at: History.day(15))
        history.event(50, at: History.day(16))
        let found = history.judged()
        #expect(found.sums == [[2, 61], [0, 0]])
        #expect(found.corrections == 2)
    }

    @Test("a correction that takes back more than there is leaves nothing used")
    func correctionBelowZero() {
        var history = History(tokens(100, .month))
        history.event(-50, at: History.day(12), id: "a_1")
        history.event(101, at: History.day(13))
        history.event(100, at: History.day(14))
        #expect(history.judged().sums == [[1, 101]])
    }

    @Test("a correction of a meter by the hour is taken out of its hour", arguments: [true, false])
    func correctionOfAnHour(tellsKeys: Bool) {
        var history = History(Limit(meter: History.calls, window: .month, quantity: 100))
        if tellsKeys {
            history.limits.append(
                Limit(meter: History.calls, scope: .key(nil), window: .month, quantity: 1_000))
        }
        history.event(150, at: History.day(12), id: "a.import.1", meter: History.calls, key: "k")
        history.hour(155, of: 155, at: History.day(12), key: "k")
        history.hour(-60, of: 0, at: History.day(13))
        history.event(-60, at: History.day(13), id: "a_1", meter: History.calls)
        history.hour(11, of: 11, at: History.day(14))
        #expect(history.judged().sums[0] == [6, 6])
    }

    @Test("sums beyond the range of integers stop at its ends")
    func overflow() {
        var history = History(tokens(.max, .month), tokens(5, .day, mode: .shadow))
        for second in 0..<4 {
            history.event(.max, at: History.day(12, second: Int64(second)))
        }
        history.event(.min, at: History.day(12, second: 9), id: "a_1")
        history.hour(.max, of: .max, at: History.day(12), meter: History.tokens)
        let found = history.judged()
        #expect(found.sums == [[3, .max], [4, .max]])
    }

    @Test("what recorded use does not tell is said, for each limit")
    func untold() {
        let history = History(
            Limit(meter: History.calls, window: .minute, quantity: 1),
            Limit(meter: History.tokens, window: .concurrent, quantity: 1),
            Limit(meter: Meter.teamMembers.id, window: .none, quantity: 1),
            Limit(meter: History.tokens, scope: .organization, window: .month, quantity: 1),
            Limit(meter: MeterID(trusted: "nothing"), window: .month, quantity: 1),
            Limit(meter: History.calls, window: .day, quantity: 1))
        let judge = history.judge()
        let none = judge.plan.resolutions.map { resolution in
            if case .none = resolution { true } else { false }
        }
        #expect(none == [true, true, true, true, true, false])
        #expect(judge.plan.resolutions[5] == .hour)
        var report = WhatIfReport(
            judge.plan, since: .distantPast, until: .distantFuture, maximumRows: 1)
        report.add(judge.refusals, isInOrganization: true)
        for limit in history.limits {
            #expect(report.notes.contains { $0.hasPrefix("\(limit.name): ") }, "\(limit.name)")
        }
        #expect(report.notes.contains { $0.contains("1 of the tenants belong to organizations") })
    }

    @Test("a report keeps as many rows as it may and sums up all")
    func truncation() {
        var report: WhatIfReport?
        for number in 0..<3 {
            var history = History(tokens(10, .month))
            history.event(Int64(11 + number), at: History.day(12))
            let judge = history.judge()
            var next =
                report
                ?? WhatIfReport(
                    judge.plan, since: .distantPast, until: .distantFuture, maximumRows: 2)
            next.add(judge.refusals, isInOrganization: false)
            report = next
        }
        #expect(report?.rows.count == 2)
        #expect(report?.isTruncated == true)
        #expect(report?.refusedTenants == 3)
        let sum = report?.limits.first
        #expect(sum?.tenants == 3)
        #expect(sum?.requests == 3)
        #expect(sum?.units == 36)
        #expect(report?.refusedRequests == 3)
    }
}
