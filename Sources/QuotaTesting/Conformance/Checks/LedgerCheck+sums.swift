import QuotaEngine
import QuotaLedger
import QuotaModel

// Units summed up by day, key, model and meter.
extension LedgerCheck {
    static let sums = [
        LedgerCheck("use is summed by day, key, model and meter", sumsGroups),
        LedgerCheck("sums begin and end with their dates", sumsDates),
        LedgerCheck("sums of one meter leave out the others", sumsOneMeter),
        LedgerCheck("sums beyond the range stop at its ends", sumsEnd),
        LedgerCheck("a day's totals count each tenant once", totalsCount),
    ]

    /// What was used: a date, a key, a model, and units of tokens and calls.
    private struct Use {
        let date: String
        let key: String
        let model: String?
        let tokens: Int64
        let calls: Int64
    }

    private static let uses = [
        Use(date: "2026-11-19T00:00:00Z", key: "k1", model: "m", tokens: 1, calls: 1),
        Use(date: "2026-11-19T23:59:59Z", key: "k2", model: nil, tokens: 2, calls: 0),
        Use(date: "2026-11-20T12:00:00Z", key: "k1", model: "M", tokens: 4, calls: 1),
        Use(date: "2026-11-20T12:30:00Z", key: "k1", model: "m", tokens: 8, calls: 3),
        Use(date: "2026-11-20T12:30:00Z", key: "k\u{E9}", model: "\u{E9}", tokens: 16, calls: 0),
        Use(date: "2026-11-21T00:00:00Z", key: "k2", model: nil, tokens: 32, calls: 1),
    ]

    private static func useAll(_ scenario: Scenario) async throws -> TenantID {
        for name in ["acme", "other"] {
            var subject = Subject(name, .tokens(nil, per: .month), .calls(nil, per: .month))
            for use in uses {
                try scenario.setClock(use.date)
                subject.key = APIKeyID(trusted: use.key)
                subject.model = use.model.map { ModelName(trusted: $0) }
                var amounts: [MeterID: Int64] = [Subject.tokens: use.tokens]
                if use.calls > 0 { amounts[Subject.calls] = use.calls }
                try await scenario.consume(subject, amounts)
            }
        }
        return TenantID(trusted: "acme")
    }

    /// The same sums, added up here.
    private static func expected(
        _ grouping: UsageSumPage.Grouping,
        meter: MeterID? = nil,
        in range: ClosedRange<String> = "2026-11-01"..."2026-11-30"
    ) -> [UsageGroup] {
        var sums: [ExactString: [MeterID: UsageSum]] = [:]
        for use in uses where range.contains(String(use.date.prefix(10))) {
            let group =
                switch grouping {
                case .day: String(use.date.prefix(10))
                case .key: use.key
                case .model: use.model ?? ""
                case .meter: ""
                case .dayKeyModel: "\(use.date.prefix(10))\t\(use.key)\t\(use.model ?? "")"
                }
            for (id, units) in [(Subject.tokens, use.tokens), (Subject.calls, use.calls)]
            where units > 0 && (meter == nil || meter == id) {
                var sum = sums[ExactString(group)]?[id] ?? UsageSum()
                sum.units += units
                sum.postings += 1
                sums[ExactString(group), default: [:]][id] = sum
            }
        }
        return sums.sorted { $0.key < $1.key }
            .flatMap { group, meters in
                meters.sorted { $0.key < $1.key }
                    .map { UsageGroup(group: group.text, meter: $0.key, sum: $0.value) }
            }
    }

    private static func expectSums(
        _ scenario: Scenario,
        _ tenant: TenantID,
        _ grouping: UsageSumPage.Grouping,
        meter: MeterID? = nil,
        in range: ClosedRange<String> = "2026-11-01"..."2026-11-30",
        line: UInt = #line
    ) async throws {
        let (first, last) = (
            try scenario.date(range.lowerBound), try scenario.date(range.upperBound)
        )
        try await expectPages(
            expected(grouping, meter: meter, in: range), "sums by \(grouping)", line: line
        ) { after, limit in
            try await scenario.ledger.usageSums(
                UsageSumPage(
                    tenant: tenant, first: first, last: last, grouping: grouping, meter: meter,
                    after: after.map { UsageSumPage.Place(group: $0.group, meter: $0.meter) },
                    limit: limit))
        }
    }

    private static func sumsGroups(_ scenario: Scenario) async throws {
        var scenario = scenario
        let tenant = try await useAll(scenario)
        try await scenario.reopen()
        for grouping in UsageSumPage.Grouping.allCases {
            try await expectSums(scenario, tenant, grouping)
        }
        try expectEqual(
            expected(.meter).map(\.sum),
            [UsageSum(units: 63, postings: 6), UsageSum(units: 6, postings: 4)],
            "the sums that are expected")
    }

    private static func sumsDates(_ scenario: Scenario) async throws {
        let tenant = try await useAll(scenario)
        for range in [
            "2026-11-20"..."2026-11-20", "2026-11-19"..."2026-11-20", "2026-11-21"..."2026-12-31",
            "2026-11-22"..."2026-11-30",
        ] {
            for grouping in UsageSumPage.Grouping.allCases {
                try await expectSums(scenario, tenant, grouping, in: range)
            }
        }
    }

    private static func sumsOneMeter(_ scenario: Scenario) async throws {
        let tenant = try await useAll(scenario)
        for meter in [Subject.tokens, Subject.calls, MeterID(trusted: "x")] {
            for grouping in UsageSumPage.Grouping.allCases {
                try await expectSums(scenario, tenant, grouping, meter: meter)
            }
        }
    }

    private static func sumsEnd(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T10:00:00Z")
        let tenant = TenantID(trusted: "acme")
        // Two keys whose use fits into the range alone, but not together.
        for key in ["k1", "k2"] {
            var subject = Subject("acme", .tokens(nil, per: .lifetime, scope: .key(nil)))
            subject.key = APIKeyID(trusted: key)
            subject.limits = subject.limits.map {
                CompiledLimit($0.limit, key: subject.key, source: .key, revision: 1)
            }
            let commands = (0..<1_024)
                .map { _ in
                    LedgerCommand.admit(scenario.command(subject, [Subject.tokens: Amount.maximum]))
                }
            _ = try await scenario.ledger.commit(commands)
        }
        let date = try scenario.date("2026-11-21")
        func units(_ grouping: UsageSumPage.Grouping) async throws -> [Int64] {
            try await scenario.ledger
                .usageSums(
                    UsageSumPage(
                        tenant: tenant, first: date, last: date, grouping: grouping, limit: 9)
                )
                .map(\.sum.units)
        }
        let whole = 1_024 * Amount.maximum
        try expectEqual(try await units(.key), [whole, whole], "what fits")
        for grouping in [UsageSumPage.Grouping.day, .model, .meter] {
            try expectEqual(try await units(grouping), [.max], "what does not, by \(grouping)")
        }
        // Credits bring a sum back into its range.
        let credited = Subject("acme", .tokens(nil, per: .lifetime))
        try await scenario.adjust(credited, 7, id: "a_1")
        try await scenario.adjust(credited, -7, id: "a_2")
        try expectEqual(try await units(.key), [0, whole, whole], "a credit by key")
    }

    private static func totalsCount(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-21T10:00:00Z")
        let today = scenario.clock.now.date
        let subjects = (0..<5).map { Subject("t\($0)", .tokens(10, per: .month)) }
        for round in 0..<3 {
            for subject in subjects { try await scenario.consume(subject, Int64(round + 1)) }
            try await scenario.reopen()
        }
        // A tenant whose only use was imported, one whose use was corrected to nothing.
        let imported = Subject("imported", .tokens(10, per: .month))
        try await scenario.importUsage(
            scenario.importing(imported, .aiTokens, 10, on: today, id: "i_1"))
        try await scenario.adjust(subjects[0], 4, id: "a_1")
        try await scenario.adjust(subjects[1], -6, id: "a_1")
        let totals = try await scenario.ledger.usageTotals(
            of: Subject.tokens, on: today, exceededAt: scenario.clock.now)
        try expectEqual(totals, UsageTotals(tenants: 6, exceeded: 2), "tenants and those used up")
        let rows = try await scenario.ledger.usage(
            of: Subject.tokens, on: today, page: UsagePage(limit: 100))
        try expectEqual(rows.map(\.units), [10, 10, 0, 6, 6, 6], "the list that is counted")
        let other = try await scenario.ledger.usageTotals(
            of: Subject.calls, on: today, exceededAt: scenario.clock.now)
        try expectEqual(other, UsageTotals(tenants: 0, exceeded: 0), "of another meter")
        let yesterday = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
        let before = try await scenario.ledger.usageTotals(
            of: Subject.tokens, on: yesterday, exceededAt: scenario.clock.now)
        try expectEqual(before, UsageTotals(tenants: 0, exceeded: 0), "of another day")
    }
}
