import QuotaEngine
import QuotaLedger
import QuotaModel

// Daily tables.
extension LedgerCheck {
    static let days = [
        LedgerCheck("a key's days count admitted requests", keyDays),
        LedgerCheck("the last request of a day does not go back with the clock", lastRequest),
        LedgerCheck("the usage of a meter on a day is listed by tenant", meterDays),
        LedgerCheck("a day's list says whose budget is used up and until when", exceeded),
        LedgerCheck("late word about an old period does not clear what is used up", staysExceeded),
    ]

    private static func keyDays(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-21T23:59:58Z")
        var acme = Subject("acme", .tokens(100, per: .month))
        let zeta = Subject("zeta", .tokens(100, per: .month))
        try await scenario.consume(acme, 10)
        try await scenario.consume(acme, 1_000)
        try await scenario.consume(zeta, 10)
        scenario.clock.advance(by: .seconds(1))
        let reservation = try await scenario.reserve(acme, 10)
        let last = scenario.clock.now
        scenario.clock.advance(by: .seconds(1))
        try await scenario.settle(reservation, 5)
        try await scenario.consume(acme, 1)
        acme.key = APIKeyID(trusted: "k1")
        try await scenario.consume(acme, 1)
        try await scenario.reopen()
        let ledger = scenario.ledger
        let first = try date("2026-11-21")
        let second = try date("2026-11-22")
        func row(_ subject: Subject, _ date: CivilDate, _ count: Int64, _ at: Timestamp)
            -> KeyDayUsage
        {
            KeyDayUsage(
                day: KeyDay(key: .service, date: date, tenant: subject.tenant),
                requestCount: count, lastRequestAt: at)
        }
        let start = last.adding(nanoseconds: -1_000_000_000)
        try expectEqual(
            try await ledger.days(of: .service, tenant: nil, from: first, through: second),
            [
                row(acme, first, 2, last), row(zeta, first, 1, start),
                row(acme, second, 1, scenario.clock.now),
            ], "the days of use without a key, by date and tenant")
        let ofTenant = try await ledger.days(
            of: .service, tenant: acme.tenant, from: first, through: first)
        try expectEqual(ofTenant, [row(acme, first, 2, last)], "one tenant's days")
        let ofKey = try await ledger.days(
            of: acme.key, tenant: nil, from: try date("2026-01-01"), through: second)
        try expectEqual(ofKey.map(\.requestCount), [1], "the days of a key")
        let none = try await ledger.days(of: acme.key, tenant: nil, from: first, through: first)
        try expect(none.isEmpty, "days outside are not listed", saw: "\(none)")
    }

    private static func date(_ text: String) throws -> CivilDate {
        guard let date = CivilDate(text) else {
            throw ConformanceFailure(promise: "a date", seen: text, line: #line)
        }
        return date
    }

    private static func lastRequest(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        try await scenario.consume(subject, 1)
        let last = scenario.clock.now
        scenario.clock.advance(by: .seconds(-60))
        try await scenario.consume(subject, 1)
        let days = try await scenario.ledger.days(
            of: .service, tenant: subject.tenant, from: last.date, through: last.date)
        try expectEqual(days.map(\.requestCount), [2], "requests")
        try expectEqual(days.map(\.lastRequestAt), [last], "the last of them")
    }

    private static func meterDays(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:59Z")
        let names = ["b", "a", "B", "\u{E9}", "c"]
        var held: Reservation?
        for (index, name) in names.enumerated() {
            let subject = Subject(name, .tokens(100, per: .month), .calls(100, per: .month))
            try await scenario.consume(
                subject, [Subject.tokens: Int64(index + 1), Subject.calls: 1])
            try await scenario.consume(subject, 10)
            if name == "a" { held = try await scenario.reserve(subject, 20) }
        }
        let voiding = Subject("voided", .tokens(100, per: .month))
        let voided = try await scenario.reserve(voiding, 5)
        let today = scenario.clock.now.date
        scenario.clock.advance(by: .seconds(1))
        if let held { try await scenario.settle(held, 7) }
        try await scenario.conclude(voided, .void)
        let ledger = scenario.ledger
        func list(_ page: UsagePage) async throws -> [String] {
            try await ledger.usage(of: Subject.tokens, on: today, page: page)
                .map { "\($0.tenant) \($0.units)" }
        }
        let all = ["B 13", "a 19", "b 11", "c 15", "\u{E9} 14"]
        try expectEqual(try await list(UsagePage(limit: 10)), all, "tenants in order")
        try expectEqual(
            try await list(UsagePage(after: TenantID(trusted: "a"), limit: 2)),
            Array(all[2..<4]), "a page after a tenant")
        try expectEqual(
            try await list(UsagePage(offset: 3, limit: 10)), Array(all[3...]), "a page by offset")
        try expectEqual(
            try await ledger.usageTotals(
                of: Subject.tokens, on: today, exceededAt: scenario.clock.now),
            UsageTotals(tenants: 5, exceeded: 0), "totals: a void is no use")
        let none = try await ledger.usage(
            of: Subject.tokens, on: scenario.clock.now.date, page: UsagePage(limit: 10))
        try expect(none.isEmpty, "use belongs to the day of its admission", saw: "\(none)")
    }

    private static func rows(_ scenario: Scenario) async throws -> [String: Timestamp?] {
        let rows = try await scenario.ledger.usage(
            of: Subject.tokens, on: scenario.clock.now.date, page: UsagePage(limit: 10))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.tenant.text, $0.exceededUntil) })
    }

    private static func exceeded(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T10:00:00Z")
        let month = Subject("month", .tokens(10, per: .month), .tokens(100, per: .day))
        let day = Subject("day", .tokens(100, per: .month), .tokens(10, per: .day))
        let both = Subject("both", .tokens(10, per: .month), .tokens(10, per: .day))
        let model = Subject(
            "model", .tokens(10, per: .day, scope: .model(ModelName(trusted: "m"))),
            .tokens(20, per: .day))
        let rate = Subject("rate", .tokens(10, per: .minute), .tokens(20, per: .day))
        for subject in [month, day, both, model, rate] {
            try await scenario.consume(subject, 9)
        }
        try expect(
            try await rows(scenario).values.allSatisfy { $0 == nil }, "nothing is used up at 9")
        for subject in [month, day, both, model, rate] {
            try await scenario.consume(subject, 1)
        }
        let endOfDay = try scenario.instant("2026-11-22T00:00:00Z")
        let endOfMonth = try scenario.instant("2026-12-01T00:00:00Z")
        try expectEqual(
            try await rows(scenario),
            ["month": endOfMonth, "day": endOfDay, "both": endOfMonth, "model": nil, "rate": nil],
            "until when a budget is used up")
        let totals = try await scenario.ledger.usageTotals(
            of: Subject.tokens, on: scenario.clock.now.date, exceededAt: endOfDay)
        try expectEqual(
            totals, UsageTotals(tenants: 5, exceeded: 2), "used up when the day has ended")
        // A hold counts as used, and stops counting when it is void.
        let holding = Subject("holding", .tokens(10, per: .day))
        try await scenario.consume(holding, 1)
        let reservation = try await scenario.reserve(holding, 9)
        try expectEqual(try await rows(scenario)["holding"], endOfDay, "held units count")
        try await scenario.conclude(reservation, .void)
        try expectEqual(
            try await rows(scenario)["holding"], .some(nil), "voided units do not count")
    }

    private static func staysExceeded(_ scenario: Scenario) async throws {
        for minutes in [1, 15] as [Int64] {
            try scenario.setClock("2026-11-30T23:59:59Z")
            let subject = Subject("t\(minutes)", .tokens(10, per: .month))
            let reservation = try await scenario.reserve(subject, 4, Hold(ttlSeconds: 7_200))
            try scenario.setClock("2026-12-01T00:00:00Z")
            try await scenario.consume(subject, 10)
            let end = try scenario.instant("2027-01-01T00:00:00Z")
            try expectEqual(
                try await rows(scenario)[subject.tenant.text], end, "December is used up")
            scenario.clock.advance(by: .seconds(minutes * 60))
            try await scenario.sweep()
            try await scenario.settle(reservation, 4)
            try expectEqual(
                try await rows(scenario)[subject.tenant.text], end,
                "December is still used up after November's settlement \(minutes) minutes later")
        }
    }
}
