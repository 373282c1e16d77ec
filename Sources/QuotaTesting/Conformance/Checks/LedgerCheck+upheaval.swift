import QuotaEngine
import QuotaLedger
import QuotaModel

// Requests and administrators in any order.
extension LedgerCheck {
    static let upheaval = ([1, 2, 3, 4, 5, 6] as [UInt64])
        .map { seed in
            LedgerCheck("whatever administrators do, all adds up: seed \(seed)") { scenario in
                var upheaval = Upheaval(scenario, seed: seed)
                try await upheaval.run()
            }
        }
}

/// A random course of requests, evidence, corrections, imports and resets.
///
/// Nobody knows here what the balances should be: what is compared is what the ledger keeps in
/// several places, each of which is written by other code.
private struct Upheaval {
    private var scenario: Scenario
    private var random: SeededRandom
    private let subject = Subject(
        "acme", .tokens(500, per: .lifetime), .tokens(200, per: .day), .tokens(400, per: .month))
    private var held: [Reservation] = []
    private var number = 0

    init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        random = SeededRandom(seed: seed)
    }

    mutating func run() async throws {
        try scenario.setClock("2026-11-27T22:00:00Z")
        for step in 0..<240 {
            try await act()
            scenario.clock.advance(by: .seconds(Int64.random(in: 0...1_500, using: &random)))
            if step % 7 == 0 { try await scenario.sweep(limit: 1 + step % 5) }
            if step % 60 == 59 {
                try await scenario.reopen()
                try await check("after step \(step), \(random)")
            }
        }
        scenario.clock.advance(by: .seconds(86_400))
        for _ in 0..<500 where try await !scenario.sweep(limit: 8).isComplete {}
        for grant in try await scenario.ledger.suspectGrants(of: nil, after: nil, limit: 1_000) {
            let used = Int64.random(in: 0...10, using: &random)
            // The first of a reservation's grants ends the others.
            try await scenario.resolve(grant.grant.id, used: used)
        }
        try await check("at the end, \(random)")
        let left = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expect(left.isEmpty, "no grant is left, \(random)", saw: "\(left)")
    }

    private mutating func act() async throws {
        let amount = Int64.random(in: 1...20, using: &random)
        number += 1
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2: try await scenario.consume(subject, amount)
        case 3, 4, 5:
            let expiry = Reservation.OnExpiry.allCases[number % 3]
            let hold = Hold(ttlSeconds: 1 + amount * 300, onExpiry: expiry)
            let outcome = try await scenario.outcome(
                scenario.command(subject, [Subject.tokens: amount], hold: hold))
            if let reservation = outcome.reservation { held.append(reservation) }
        case 6, 7:
            guard let reservation = held.randomElement(using: &random) else { return }
            let charge = Charge(meter: Subject.tokens, amount: amount)
            try await scenario.conclude(reservation, amount % 4 == 0 ? .void : .settle([charge]))
        case 8:
            let suspect = try await scenario.ledger.suspectGrants(of: nil, after: nil, limit: 9)
            guard let grant = suspect.randomElement(using: &random) else { return }
            try await scenario.resolve(grant.grant.id, used: amount - 1)
        case 9:
            // Some are told twice.
            let id = "a_\(number - number % 2)"
            let credit = amount % 3 == 0
            try await scenario.adjust(subject, credit ? -amount : amount, id: id)
        case 10:
            try await scenario.importUsage(
                scenario.importing(
                    subject, .aiTokens, amount, on: scenario.clock.now.date, id: "i_\(number)"))
        default: try await scenario.reset(subject, limit: 1 + number % 2)
        }
    }

    /// What a lifetime has posted is what the events, the hours and the days say.
    private func check(_ moment: String) async throws {
        try await scenario.expectSound(moment)
        let ledger = scenario.ledger
        let posted = try await scenario.posted(subject)
        let events = try await scenario.events(subject)
        try expectEqual(
            events.reduce(0) { $0 + $1.units }, posted, "the units of the events \(moment)")
        let hours = try await ledger.hourlyUsage(
            of: subject.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(
            hours.values.reduce(0) { $0 + $1.units }, posted, "the units by the hour \(moment)")
        let first = try scenario.date("2026-11-01")
        var days: Int64 = 0
        for day in 0..<90 as Range<Int64> {
            let rows = try await ledger.usage(
                of: Subject.tokens, on: CivilDate(daysSinceEpoch: first.daysSinceEpoch + day),
                page: UsagePage(limit: 9))
            days += rows.reduce(0) { $0 + $1.units }
        }
        try expectEqual(days, posted, "the units by the day \(moment)")
        let names = events.map { "\($0.id) \($0.meter)" }
        try expectEqual(Set(names).count, names.count, "one event for each id \(moment)")
        for limit in subject.limits.dropFirst() {
            let periods = try await scenario.allAccounts(subject)
                .filter { $0.key.limit.text == limit.accountName }
                .sorted { $0.period.start < $1.period.start }
            for (earlier, later) in zip(periods, periods.dropFirst()) {
                try expect(
                    earlier.period.end <= later.period.start,
                    "periods do not overlap \(moment)", saw: "\(earlier.period), \(later.period)")
            }
        }
    }
}
