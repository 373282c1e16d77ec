import QuotaEngine
import QuotaLedger
import QuotaModel

// Use that another system counted.
extension LedgerCheck {
    static let imports = [
        LedgerCheck("use is imported once under its id", importsOnce),
        LedgerCheck("imported use counts in the periods that its date lies in", importsByDate),
        LedgerCheck("an import counts whether or not there is room", importsBeyond),
        LedgerCheck("imported use is in the sums of its day", importsIntoSums),
        LedgerCheck("imported calls are requests of their key and day", importsCalls),
        LedgerCheck("imports run out of range whole, and sums stop there", importsEnd),
    ]

    private static func importsOnce(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(100, per: .month))
        let today = scenario.clock.now.date
        let command = scenario.importing(subject, .aiTokens, 30, on: today, id: "a.import.1")
        for round in 0..<3 {
            try expectEqual(
                try await scenario.importUsage(command), round == 0, "whether it is new")
            try await scenario.reopen()
        }
        let next = scenario.importing(subject, .aiTokens, 5, on: today, id: "a.import.2")
        let grown = scenario.importing(subject, .aiTokens, 9, on: today, id: "a.import.2")
        let answers = try await scenario.ledger.commit([.importUsage(next), .importUsage(grown)])
        guard case .imported(earlier: nil) = answers[0], case .imported(earlier: 5) = answers[1]
        else {
            throw ConformanceFailure(
                promise: "once in a batch too, and said how much that was", seen: "\(answers)",
                line: #line)
        }
        // The same day of another meter is something else.
        let calls = scenario.importing(subject, .apiCalls, 7, on: today, id: "a.import.1")
        try expect(try await scenario.importUsage(calls), "an id is of one meter")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 35, available: 65), "booked")
        try expectEqual(
            try await scenario.events(subject).map(\.units), [30, 7, 5], "an event each")
        try await scenario.expectSound()
    }

    private static func importsByDate(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T10:00:00Z")
        let subject = Subject(
            "acme", .tokens(100, per: .day), .tokens(1_000, per: .month),
            .tokens(10_000, per: .year))
        let rows: [(date: String, posted: [Int64])] = [
            ("2026-11-21", [1, 1, 1]), ("2026-11-20", [1, 2, 2]), ("2026-11-01", [1, 3, 3]),
            ("2026-10-31", [1, 3, 4]), ("2026-01-01", [1, 3, 5]), ("2025-12-31", [1, 3, 5]),
        ]
        for row in rows {
            let command = scenario.importing(
                subject, .aiTokens, 1, on: try scenario.date(row.date), id: row.date)
            try expect(try await scenario.importUsage(command), "\(row.date) is new")
            try expectEqual(
                try await scenario.accounts(subject).map(\.posted), row.posted,
                "day, month and year after \(row.date)")
        }
        let closed = try await scenario.ledger.archives(of: subject.tenant, limit: 9)
        try expect(closed.isEmpty, "no old period is opened for it", saw: "\(closed)")
        try expectEqual(
            try await scenario.events(subject).map(\.admittedAt.date.description),
            rows.map(\.date).sorted(), "each event lies on its date")
        try await scenario.expectSound()
    }

    private static func importsBeyond(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let command = scenario.importing(
            subject, .aiTokens, 130, on: scenario.clock.now.date, id: "a.import.1")
        try await scenario.importUsage(command)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 130, available: -30), "booked")
        try expect(try await scenario.consume(subject, 1) == false, "then nothing is granted")
        let totals = try await scenario.ledger.usageTotals(
            of: Subject.tokens, on: scenario.clock.now.date, exceededAt: scenario.clock.now)
        try expectEqual(totals, UsageTotals(tenants: 1, exceeded: 1), "and the list says so")
        try await scenario.expectSound()
    }

    private static func importsIntoSums(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-21T10:30:00Z")
        var subject = Subject("acme", .tokens(1_000, per: .month))
        subject.key = APIKeyID(trusted: "k1")
        for (date, units) in [("2026-11-20", 7), ("2026-11-21", 5)] as [(String, Int64)] {
            let command = scenario.importing(
                subject, .aiTokens, units, on: try scenario.date(date), id: date)
            try await scenario.importUsage(command)
        }
        try await scenario.consume(subject, 2)
        try await scenario.reopen()
        let hours = try await scenario.ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        func hour(_ text: String) throws -> HourlyUsageKey {
            HourlyUsageKey(
                tenant: subject.tenant, key: subject.key, meter: Subject.tokens, model: nil,
                hour: try scenario.instant(text))
        }
        try expectEqual(
            hours,
            [
                try hour("2026-11-20T23:00:00Z"): UsageSum(units: 7, postings: 1),
                try hour("2026-11-21T10:00:00Z"): UsageSum(units: 7, postings: 2),
            ], "the sums by the hour")
        for (date, units) in [("2026-11-20", 7), ("2026-11-21", 7)] as [(String, Int64)] {
            let rows = try await scenario.ledger.usage(
                of: Subject.tokens, on: try scenario.date(date), page: UsagePage(limit: 9))
            try expectEqual(rows.map(\.units), [units], "the units of \(date)")
        }
        let requests = try await scenario.ledger.days(
            of: subject.key, tenant: nil, from: try scenario.date("2026-11-01"),
            through: scenario.clock.now.date)
        try expectEqual(requests.map(\.requestCount), [1], "imported tokens are no requests")
    }

    private static func importsCalls(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T10:30:00Z")
        var subject = Subject("acme", .calls(1_000, per: .month))
        subject.key = APIKeyID(trusted: "k1")
        let dates = [try scenario.date("2026-11-20"), try scenario.date("2026-11-21")]
        let last = try scenario.instant("2026-11-20T17:00:00Z")
        let late = try scenario.instant("2026-11-20T18:00:00Z")
        try await scenario.importUsage(
            scenario.importing(
                subject, .apiCalls, 40, on: dates[0], id: "1", lastRequestAt: late))
        try await scenario.importUsage(
            scenario.importing(
                subject, .apiCalls, 2, on: dates[0], id: "2", lastRequestAt: last))
        try await scenario.importUsage(
            scenario.importing(subject, .apiCalls, 3, on: dates[1], id: "3"))
        try await scenario.consume(subject, [Subject.calls: 1])
        let days = try await scenario.ledger.days(
            of: subject.key, tenant: nil, from: dates[0], through: dates[1])
        try expectEqual(days.map(\.requestCount), [42, 4], "the requests of each day")
        try expectEqual(days.map(\.lastRequestAt), [late, scenario.clock.now], "the last of them")
        let sums = try await scenario.ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(sums.values.reduce(0) { $0 + $1.postings }, 46, "a posting for each call")
        try await scenario.expectSound()
    }

    private static func importsEnd(_ scenario: Scenario) async throws {
        var subject = Subject("acme", .calls(nil, per: .month))
        subject.key = APIKeyID(trusted: "k1")
        let today = scenario.clock.now.date
        let yesterday = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
        // In parts: what a transaction adds up and what a store adds to its rows.
        for part in 0..<5 {
            let commands = (0..<300)
                .map { index in
                    LedgerCommand.importUsage(
                        scenario.importing(
                            subject, .apiCalls, Amount.maximum, on: today,
                            id: "today.\(part).\(index)"))
                }
            for answer in try await scenario.ledger.commit(commands) {
                switch answer {
                case .imported(earlier: nil), .outOfRange: break
                default: try expect(false, "an import or its refusal", saw: "\(answer)")
                }
            }
        }
        try expectEqual(
            try await scenario.balances(subject).posted, 1_024 * Amount.maximum, "what fits")
        // What lies in no current period has no account that refuses it.
        subject.limits = []
        for part in 0..<5 {
            let commands = (0..<300)
                .map { index in
                    LedgerCommand.importUsage(
                        scenario.importing(
                            subject, .apiCalls, Amount.maximum, on: yesterday,
                            id: "yesterday.\(part).\(index)"))
                }
            for answer in try await scenario.ledger.commit(commands) {
                guard case .imported(earlier: nil) = answer else {
                    throw ConformanceFailure(
                        promise: "an import", seen: "\(answer)", line: #line)
                }
            }
        }
        let days = try await scenario.ledger.days(
            of: subject.key, tenant: nil, from: yesterday, through: today)
        try expectEqual(
            days.map(\.requestCount), [.max, 1_024 * Amount.maximum], "the requests of each day")
        let sums = try await scenario.ledger.usageSums(
            UsageSumPage(
                tenant: subject.tenant, first: yesterday, last: today, grouping: .key, limit: 9))
        try expectEqual(
            sums.map(\.sum), [UsageSum(units: .max, postings: .max)], "the sum of both days")
        try await scenario.expectSound()
    }
}
