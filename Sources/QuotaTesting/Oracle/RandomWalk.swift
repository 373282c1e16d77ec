import QuotaEngine
import QuotaLedger
import QuotaModel

/// Random traffic on a ledger and on ``NaiveQuotas`` at once, compared after every step.
struct RandomWalk {
    /// Where the traffic leads.
    enum Course: CaseIterable {
        /// Time passes within one day.
        case withinADay
        /// Days and months end; what straddles a boundary settles within the grace.
        case acrossBoundaries
        /// As before, and some settlements come after their period has closed.
        case afterTheClose
    }

    let scenario: Scenario
    let course: Course
    private var random: SeededRandom
    private let subjects = Self.subjects
    private var oracle: NaiveQuotas
    /// Reservations that were made, by the number of their booking.
    private var open: [(id: Int, reservation: Reservation)] = []
    private var bookings = 0
    private var step = 0

    init(scenario: Scenario, course: Course, seed: UInt64) {
        self.scenario = scenario
        self.course = course
        random = SeededRandom(seed: seed)
        oracle = NaiveQuotas(
            limits: Dictionary(
                uniqueKeysWithValues: Self.subjects.map { ($0.tenant, $0.naiveLimits) }))
    }

    private static let subjects = [
        Subject("plain", .tokens(400, per: .day), .tokens(2_000, per: .month)),
        Subject(
            "mixed", .tokens(300, per: .day), .calls(25, per: .day), .tokens(90, per: .minute),
            .tokens(100, per: .month, mode: .shadow), .calls(9, per: .hour, burst: 30)),
        Subject("endless", .tokens(nil, per: .month), .tokens(3_000, per: .lifetime)),
    ]

    mutating func run() async throws {
        try scenario.setClock("2026-11-29T08:00:00Z")
        while step < 200 {
            step += 1
            try await move()
            try await compare()
        }
    }

    private mutating func move() async throws {
        let subject = subjects[Int.random(in: 0..<subjects.count, using: &random)]
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: try await ask(subject, hold: nil)
        case 3...5: try await ask(subject, hold: randomHold())
        case 6...7: try await end()
        case 8: try await sweep()
        default: try await pass()
        }
    }

    private mutating func randomHold() -> Hold {
        Hold(
            ttlSeconds: Int64.random(in: 1...600, using: &random),
            onExpiry: Reservation.OnExpiry.allCases.randomElement(using: &random) ?? .suspect)
    }

    private mutating func ask(_ subject: Subject, hold: Hold?) async throws {
        var amounts = [Subject.tokens: Int64.random(in: 1...120, using: &random)]
        if Bool.random(using: &random) {
            amounts[Subject.calls] = Int64.random(in: 1...3, using: &random)
        }
        let now = scenario.clock.now
        bookings += 1
        let isAllowed = oracle.admit(
            bookings, tenant: subject.tenant, amounts: amounts,
            hold: hold.map {
                (now.adding(nanoseconds: $0.ttlSeconds * 1_000_000_000), $0.onExpiry)
            }, now: now)
        let outcome = try await scenario.outcome(
            scenario.command(subject, amounts, hold: hold))
        try expectEqual(outcome.isAdmitted, isAllowed, at("admitting \(amounts)", subject))
        if let reservation = outcome.reservation { open.append((bookings, reservation)) }
    }

    private mutating func end() async throws {
        guard let index = open.indices.randomElement(using: &random) else { return }
        try await end(open[index].id, open[index].reservation)
    }

    /// Ends all that is open.
    private mutating func finish() async throws {
        for (id, reservation) in open { try await end(id, reservation) }
        open = []
    }

    private mutating func end(_ id: Int, _ reservation: Reservation) async throws {
        let event: ReservationEvent
        let isTaken: Bool
        if Int.random(in: 0..<4, using: &random) == 0 {
            event = .void
            isTaken = oracle.void(id, now: scenario.clock.now)
        } else {
            let used = Int64.random(in: 0...150, using: &random)
            event = .settle([Charge(meter: Subject.tokens, amount: used)])
            isTaken = oracle.settle(id, used: [Subject.tokens: used], now: scenario.clock.now)
        }
        let answer = try await scenario.conclude(reservation, event)
        let isDone = if case .done = answer { true } else { false }
        try expectEqual(isDone, isTaken, at("\(event) of \(reservation.id)"))
    }

    private mutating func sweep() async throws {
        let due = oracle.expire(now: scenario.clock.now)
        let answer = try await scenario.sweep()
        try expectEqual(answer.expiredReservations, due, at("expiring"))
    }

    /// Lets time pass; what is due is done at once, as a server would.
    private mutating func pass() async throws {
        let now = scenario.clock.now
        let midnight = now.date.startUTC
        switch course {
        case .withinADay:
            scenario.clock.advance(by: .seconds(Int64.random(in: 1...200, using: &random)))
        case .acrossBoundaries:
            let seconds = Int64.random(in: 1...300, using: &random)
            let sinceMidnight = now.nanoseconds(since: midnight) / 1_000_000_000
            if sinceMidnight < 900, sinceMidnight + seconds >= 900 { try await finish() }
            if sinceMidnight >= 900, Bool.random(using: &random) {
                try await finish()
                scenario.clock.set(midnight.adding(nanoseconds: (86_400 - seconds) * 1_000_000_000))
            } else {
                scenario.clock.advance(by: .seconds(seconds))
            }
        case .afterTheClose:
            scenario.clock.advance(by: .seconds(Int64.random(in: 1...20_000, using: &random)))
        }
        try await sweep()
    }

    private func compare() async throws {
        for subject in subjects {
            let expected = oracle.figures(subject.tenant, at: scenario.clock.now)
            let states = try await scenario.view(subject).states
            let records = try await scenario.allAccounts(subject)
            for (index, pair) in zip(states, expected).enumerated() {
                guard case .account(let account, _) = pair.0, let figures = pair.1 else { continue }
                let limit = subject.limits[index]
                let seen = NaiveQuotas.Figures(
                    posted: account.posted, held: account.escrowed, suspect: account.suspect)
                try expectEqual(seen, figures, at(limit.name, subject))
                try expect(account.isConserved, at("conservation", subject))
                let name = ExactString(limit.accountName)
                try expectEqual(
                    records.filter { $0.key.limit == name }.reduce(0) { $0 + $1.account.posted },
                    oracle.totalPosted(subject.tenant, limit.limit.meter),
                    at("all that was posted on \(limit.name)", subject))
            }
        }
    }

    private func at(_ what: String, _ subject: Subject? = nil) -> String {
        let tenant = subject.map { " of \($0.tenant)" } ?? ""
        return "\(what)\(tenant) at step \(step), \(scenario.clock.now), \(random)"
    }
}

extension Subject {
    /// This subject's limits for the naive count.
    fileprivate var naiveLimits: [NaiveLimit] {
        limits.map { compiled in
            let limit = compiled.limit
            let span: NaiveLimit.Span =
                switch limit.window {
                case .day: .day
                case .month: .month
                case .minute: .rate(nanoseconds: 60_000_000_000, burst: limit.quantity ?? 0)
                case .hour: .rate(nanoseconds: 3_600_000_000_000, burst: limit.burst ?? 0)
                default: .lifetime
                }
            return NaiveLimit(
                meter: limit.meter, span: span, quantity: limit.quantity,
                isEnforced: limit.mode == .enforce)
        }
    }
}
