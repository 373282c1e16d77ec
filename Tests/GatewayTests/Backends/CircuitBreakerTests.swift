import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("a circuit breaker")
struct CircuitBreakerTests {
    /// What happens to a breaker.
    private enum Event {
        /// A request begins and ends at once.
        case ok, fails, saysNothing
        /// A request begins, and ends later by its number.
        case begins(Int)
        case ends(Int, CircuitBreaker.Result)
        case answers(Int)
        /// So many milliseconds pass.
        case wait(Int64)
        case probeOK, probeFails
    }

    /// A breaker in which the events came, with the shortest backoffs: 500 ms at first, then 1 s.
    private func state(after events: [Event]) -> String {
        var breaker = CircuitBreaker()
        var now = Timestamp(seconds: 1_000)
        var tickets: [Int: CircuitBreaker.Ticket] = [:]
        func end(_ ticket: CircuitBreaker.Ticket, _ result: CircuitBreaker.Result) {
            breaker.end(ticket, result, now: now, random: 0)
        }
        for event in events {
            switch event {
            case .ok: end(breaker.begin(now: now), .success)
            case .fails: end(breaker.begin(now: now), .failure)
            case .saysNothing: end(breaker.begin(now: now), .nothing)
            case .begins(let number): tickets[number] = breaker.begin(now: now)
            case .ends(let number, let result):
                if let ticket = tickets[number] { end(ticket, result) }
            case .answers(let number): if let ticket = tickets[number] { breaker.answered(ticket) }
            case .wait(let milliseconds): now = now.adding(nanoseconds: milliseconds * 1_000_000)
            case .probeOK: breaker.probeSucceeded()
            case .probeFails: breaker.probeFailed(now: now, random: 0)
            }
        }
        switch breaker.state {
        case .closed: return "closed"
        case .open: return breaker.admits(now: now) ? "due" : "open"
        case .halfOpen: return breaker.admits(now: now) ? "half-open" : "on trial"
        }
    }

    private static let five: [Event] = Array(repeating: .fails, count: 5)

    @Test("a table of events")
    func table() {
        let five = Self.five
        let four: [Event] = Array(repeating: .fails, count: 4)
        let alternating = (0..<10).flatMap { _ in [Event.ok, .fails] }
        let slow = (0..<40).flatMap { _ in [Event.ok, .fails, .wait(1_200)] }
        let rows: [(String, [Event], String)] = [
            ("nothing happened", [], "closed"),
            ("four failures", four, "closed"),
            ("five failures in a row", five, "open"),
            ("a success between them", four + [.ok] + four, "closed"),
            ("what says nothing changes nothing", four + [.saysNothing, .fails], "open"),
            ("half of twenty fail", alternating, "open"),
            ("half of nineteen fail", Array(alternating.dropLast()), "closed"),
            ("half of few fail for long", slow, "closed"),
            (
                "half fail, but long ago",
                alternating.dropLast() + [.wait(11_000), .fails], "closed"
            ),
            ("within half the backoff", five + [.wait(499)], "open"),
            ("after the backoff", five + [.wait(500)], "due"),
            ("a trial begins", five + [.wait(1_000), .begins(1)], "on trial"),
            ("it succeeds", five + [.wait(1_000), .ok], "closed"),
            ("it begins well", five + [.wait(1_000), .begins(1), .answers(1)], "closed"),
            (
                "it begins well and ends badly, which its start outweighs",
                five + [.wait(1_000), .begins(1), .answers(1), .ends(1, .failure)] + four, "closed"
            ),
            ("it fails", five + [.wait(1_000), .fails], "open"),
            ("it fails, twice the backoff", five + [.wait(1_000), .fails, .wait(999)], "open"),
            ("it says nothing", five + [.wait(1_000), .saysNothing], "half-open"),
            (
                "closed again it forgets",
                five + [.wait(1_000), .ok] + four + [.wait(1_000)], "closed"
            ),
            ("late success", [.begins(1)] + five + [.ends(1, .success)], "open"),
            (
                "late failure during a trial",
                [.begins(1)] + five + [.wait(1_000), .begins(2), .ends(1, .failure)], "on trial"
            ),
            (
                "late success during a trial",
                [.begins(1)] + five + [.wait(1_000), .begins(2), .ends(1, .success)], "on trial"
            ),
            (
                "late good beginning during a trial",
                [.begins(1)] + five + [.wait(1_000), .begins(2), .answers(1)], "on trial"
            ),
            (
                "late failures after recovery",
                (1...5).map { .begins($0) } + five + [.wait(1_000), .ok]
                    + (1...5).map { .ends($0, .failure) }, "closed"
            ),
            (
                "a ticket of one trial does not end the next",
                five + [.wait(1_000), .begins(1), .ends(1, .failure), .wait(2_000), .begins(2)]
                    + [.ends(1, .success)], "on trial"
            ),
            ("one failed probe", [.probeFails], "closed"),
            ("two failed probes", [.probeFails, .probeFails], "open"),
            ("requests outweigh probes", [.probeFails, .ok, .probeFails, .ok], "closed"),
            ("a good probe between them", [.probeFails, .probeOK, .probeFails], "closed"),
            ("the probe sees the end", [.probeFails, .probeFails, .probeOK], "half-open"),
            ("the probe saw it too", five + [.probeFails, .probeOK], "half-open"),
            ("the probe saw nothing of it", five + [.probeOK, .probeOK], "open"),
        ]
        for (what, events, expected) in rows {
            #expect(state(after: events) == expected, "\(what)")
        }
    }

    @Test("the backoff doubles from one second to sixty, and a random half of it is left out")
    func backoff() {
        for (random, part) in [(0, 1), (UInt64.max, nil), (1, nil)] as [(UInt64, Int64?)] {
            var breaker = CircuitBreaker()
            var now = Timestamp(seconds: 0)
            for _ in 0..<5 {
                breaker.end(breaker.begin(now: now), .failure, now: now, random: random)
            }
            for full in [1, 2, 4, 8, 16, 32, 60, 60, 60] as [Int64] {
                let wait = breaker.nanosecondsUntilTrial(now: now) ?? -1
                #expect(wait >= full * 500_000_000 && wait <= full * 1_000_000_000)
                if part != nil { #expect(wait == full * 500_000_000) }
                now = now.adding(nanoseconds: wait - 1)
                #expect(!breaker.admits(now: now))
                now = now.adding(nanoseconds: 1)
                #expect(breaker.admits(now: now))
                breaker.end(breaker.begin(now: now), .failure, now: now, random: random)
            }
        }
        var longest = CircuitBreaker()
        let now = Timestamp(seconds: 0)
        for _ in 0..<5 {
            longest.end(longest.begin(now: now), .failure, now: now, random: 500_000_000)
        }
        #expect(longest.nanosecondsUntilTrial(now: now) == 1_000_000_000)
    }

    @Test("as many trials at a time as the settings say")
    func trials() {
        var settings = CircuitBreaker.Settings()
        settings.halfOpenTrials = 3
        var breaker = CircuitBreaker(settings)
        var now = Timestamp(seconds: 0)
        for _ in 0..<5 { breaker.end(breaker.begin(now: now), .failure, now: now, random: 0) }
        now = now.adding(nanoseconds: 1_000_000_000)
        var begun: [CircuitBreaker.Ticket] = []
        while breaker.admits(now: now), begun.count < 10 { begun.append(breaker.begin(now: now)) }
        #expect(begun.count == 3)
        #expect(breaker.nanosecondsUntilTrial(now: now) == nil)
        breaker.end(begun[0], .nothing, now: now, random: 0)
        #expect(breaker.admits(now: now))
        breaker.end(begun[1], .success, now: now, random: 0)
        #expect(breaker.state == .closed)
        breaker.end(begun[2], .failure, now: now, random: 0)
        #expect(breaker.state == .closed)
    }

    @Test("no time and no setting traps, and time that stands still or steps back is no harm")
    func extremes() {
        var settings = CircuitBreaker.Settings()
        for backoff in [Int64.min, 0, 1, .max] {
            settings.firstBackoffNanoseconds = backoff
            settings.longestBackoffNanoseconds = backoff
            var breaker = CircuitBreaker(settings)
            for nanoseconds in [0, Int64.max, .min, -1, 0, .max] {
                let now = Timestamp(nanoseconds: nanoseconds)
                for _ in 0..<100 {
                    let ticket = breaker.begin(now: now)
                    breaker.end(ticket, .failure, now: now, random: .max)
                    breaker.probeFailed(now: now, random: .max)
                    breaker.probeSucceeded()
                    _ = breaker.nanosecondsUntilTrial(now: now)
                }
            }
        }
    }

    @Test("a trial is always possible in the end", arguments: 1...20)
    func liveness(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var breaker = CircuitBreaker()
        var now = Timestamp(seconds: 0)
        var tickets: [CircuitBreaker.Ticket] = []
        for _ in 0..<2_000 {
            now = now.adding(nanoseconds: Int64.random(in: 0...2_000_000_000, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2: if breaker.admits(now: now) { tickets.append(breaker.begin(now: now)) }
            case 3...5:
                guard let index = tickets.indices.randomElement(using: &random) else { continue }
                let results: [CircuitBreaker.Result] = [.success, .failure, .failure, .nothing]
                let result = results.randomElement(using: &random) ?? .nothing
                let ticket = tickets.remove(at: index)
                breaker.end(ticket, result, now: now, random: random.next())
            case 6: breaker.probeFailed(now: now, random: random.next())
            default: breaker.probeSucceeded()
            }
        }
        for ticket in tickets { breaker.end(ticket, .nothing, now: now, random: random.next()) }
        now = now.adding(nanoseconds: 60_000_000_000)
        #expect(breaker.admits(now: now), "\(random)")
        breaker.end(breaker.begin(now: now), .success, now: now, random: 0)
        #expect(breaker.state == .closed, "\(random)")
    }
}
