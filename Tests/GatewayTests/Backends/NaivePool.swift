import Gateway
import QuotaModel

/// A pool as one would write it without a care for speed: lists, and a look at all of them.
struct NaivePool {
    struct Request {
        let ticket: BackendTicket
        let breaker: CircuitBreaker.Ticket
    }

    let strategy: RoutingStrategy
    let traits: [BackendState.Traits]
    var requests: [Request] = []
    private var breakers: [CircuitBreaker]
    private var aside: [Timestamp]

    init(_ traits: [BackendState.Traits], _ strategy: RoutingStrategy) {
        self.traits = traits
        self.strategy = strategy
        breakers = traits.map { _ in CircuitBreaker() }
        aside = traits.map { _ in .distantPast }
    }

    func outstanding(_ index: Int) -> Int { requests.count { $0.ticket.index == index } }

    private func isWell(_ index: Int, _ now: Timestamp) -> Bool { breakers[index].admits(now: now) }

    /// Those that a request may go to.
    func candidates(_ excluded: Set<Int>, _ now: Timestamp) -> [Int] {
        traits.indices.filter { index in
            !excluded.contains(index) && isWell(index, now) && now >= aside[index]
                && outstanding(index) < traits[index].maximumConcurrent
        }
    }

    /// Whether some backend is only full, or only left alone.
    func isBusy(_ excluded: Set<Int>, _ now: Timestamp) -> Bool {
        traits.indices.contains { !excluded.contains($0) && isWell($0, now) }
    }

    /// Those of the candidates that the strategy allows.
    func allowed(_ excluded: Set<Int>, _ now: Timestamp) -> Set<Int> {
        let candidates = candidates(excluded, now)
        guard strategy != .weighted else { return Set(candidates) }
        let ranks = candidates.map { index in
            (strategy == .cost ? traits[index].cost : 0, outstanding(index))
        }
        guard let best = ranks.min(by: <) else { return [] }
        return Set(zip(candidates, ranks).filter { $0.1 == best }.map(\.0))
    }

    mutating func begin(_ ticket: BackendTicket, _ now: Timestamp) {
        let breaker = breakers[ticket.index].begin(now: now)
        requests.append(Request(ticket: ticket, breaker: breaker))
    }

    mutating func end(_ place: Int, _ outcome: BackendOutcome, _ now: Timestamp, _ random: UInt64) {
        let request = requests.remove(at: place)
        let index = request.ticket.index
        let result: CircuitBreaker.Result
        switch outcome {
        case .success: result = .success
        case .failure: result = .failure
        case .cancelled: result = .nothing
        case .overloaded(let asked):
            result = .nothing
            let wait = min(asked ?? 1_000_000_000, 60_000_000_000)
            aside[index] = max(aside[index], now.adding(nanoseconds: wait))
        }
        breakers[index].end(request.breaker, result, now: now, random: random)
    }

    mutating func probe(_ index: Int, _ succeeds: Bool, _ now: Timestamp, _ random: UInt64) {
        if succeeds {
            breakers[index].probeSucceeded()
        } else {
            breakers[index].probeFailed(now: now, random: random)
        }
    }
}
