package import QuotaModel

/// The backends of one model: which is next, how many requests each has, and which are well.
///
/// A request calls ``choose(excluding:now:random:)`` and ``begin(_:now:)`` under one lock, and
/// ``end(_:_:now:random:)`` exactly once, however it ends. Every call looks at each backend at most
/// twice and allocates nothing.
package struct BackendPool: Sendable {
    /// The most backends of a model, as many as ``BackendSet`` can name.
    package static let mostBackends = 64
    /// How long a backend is left alone that has too much to do and does not say how long.
    package static let asideNanoseconds: Int64 = 1_000_000_000
    /// The longest time for which a backend is left alone at its own word.
    package static let longestAsideNanoseconds: Int64 = 60_000_000_000
    /// Where nothing better is known, when to ask again.
    package static let unknownHintNanoseconds: Int64 = 1_000_000_000
    /// The range of hints when a full backend has room again.
    package static let roomHintNanoseconds: ClosedRange<Int64> = 100_000_000...30_000_000_000

    /// How a backend is chosen.
    package let strategy: RoutingStrategy
    /// The backends, by their index.
    package private(set) var backends: [BackendState]

    /// Creates a pool of backends that are taken to be well.
    ///
    /// - Precondition: there are at most ``mostBackends``.
    package init(
        _ traits: [BackendState.Traits],
        strategy: RoutingStrategy = .leastOutstanding,
        breaker: CircuitBreaker.Settings = CircuitBreaker.Settings()
    ) {
        precondition(traits.count <= Self.mostBackends, "a model has at most 64 backends")
        self.strategy = strategy
        backends = traits.enumerated()
            .map { index, traits in
                BackendState(index: index, traits: traits, breaker: CircuitBreaker(breaker))
            }
    }

    /// Chooses a backend for a request.
    ///
    /// - Parameters:
    ///   - excluded: those that the request has tried already.
    ///   - now: the time.
    ///   - random: a random number, for choosing among equals.
    /// - Returns: the backend, with which ``begin(_:now:)`` must follow; or why there is none.
    package mutating func choose(
        excluding excluded: BackendSet = BackendSet(),
        now: Timestamp,
        random: UInt64
    ) -> BackendChoice {
        switch strategy {
        case .weighted:
            if let index = nextInTurn(excluded, now) { return .backend(index) }
        case .leastOutstanding, .cost:
            if let index = lowest(excluded, now, random) { return .backend(index) }
        }
        return refusal(excluded, now)
    }

    /// A request goes to a backend that was chosen for it.
    ///
    /// - Precondition: there is a backend of this index.
    package mutating func begin(_ index: Int, now: Timestamp) -> BackendTicket {
        precondition(backends.indices.contains(index), "a request goes to a backend of its model")
        backends[index].outstanding += 1
        let breaker = backends[index].breaker.begin(now: now)
        return BackendTicket(index: index, breaker: breaker, beganAt: now)
    }

    /// A request got the beginning of a good answer.
    ///
    /// It is optional: a backend that is on trial need not wait for the end of a long stream.
    package mutating func answered(_ ticket: BackendTicket) {
        guard backends.indices.contains(ticket.index) else { return }
        backends[ticket.index].breaker.answered(ticket.breaker)
    }

    /// A request ends, however it does; exactly once for each ``begin(_:now:)``.
    ///
    /// - Parameters:
    ///   - ticket: what it began with.
    ///   - outcome: how it ended.
    ///   - now: the time.
    ///   - random: a random number, for the backoff.
    package mutating func end(
        _ ticket: BackendTicket,
        _ outcome: BackendOutcome,
        now: Timestamp,
        random: UInt64
    ) {
        let index = ticket.index
        guard backends.indices.contains(index) else { return }
        assert(backends[index].outstanding > 0, "a request ends once")
        backends[index].outstanding = max(0, backends[index].outstanding - 1)
        backends[index].breaker.end(ticket.breaker, outcome.result, now: now, random: random)
        switch outcome {
        case .success:
            let took = min(max(0, now.nanoseconds(since: ticket.beganAt)), 1 << 50)
            backends[index].meanNanoseconds += (took - backends[index].meanNanoseconds) / 8
        case .overloaded(let asked):
            let wait = min(max(0, asked ?? Self.asideNanoseconds), Self.longestAsideNanoseconds)
            let until = now.adding(nanoseconds: wait)
            backends[index].asideUntil = max(backends[index].asideUntil, until)
        case .failure, .cancelled: break
        }
    }

    /// A backend answered a probe.
    package mutating func probeSucceeded(_ index: Int) {
        guard backends.indices.contains(index) else { return }
        backends[index].breaker.probeSucceeded()
    }

    /// A backend did not answer a probe.
    package mutating func probeFailed(_ index: Int, now: Timestamp, random: UInt64) {
        guard backends.indices.contains(index) else { return }
        backends[index].breaker.probeFailed(now: now, random: random)
    }
}

extension BackendPool {
    private func isCandidate(_ index: Int, _ excluded: BackendSet, _ now: Timestamp) -> Bool {
        !excluded.contains(index) && backends[index].hasRoom && backends[index].asideUntil <= now
            && backends[index].breaker.admits(now: now)
    }

    /// Whether one backend comes before another, and not only by chance.
    private func precedes(_ left: Int, _ right: Int) -> Bool {
        if strategy == .cost, backends[left].traits.cost != backends[right].traits.cost {
            return backends[left].traits.cost < backends[right].traits.cost
        }
        return backends[left].outstanding < backends[right].outstanding
    }

    /// One of those that no other precedes, by chance.
    private func lowest(_ excluded: BackendSet, _ now: Timestamp, _ random: UInt64) -> Int? {
        var lowest: Int?
        var equals: UInt64 = 0
        for index in backends.indices where isCandidate(index, excluded, now) {
            if let found = lowest {
                if precedes(found, index) { continue }
                if !precedes(index, found) {
                    equals += 1
                    continue
                }
            }
            lowest = index
            equals = 1
        }
        guard let first = lowest, equals > 1 else { return lowest }
        var skipped = random % equals
        for index in first..<backends.count where isCandidate(index, excluded, now) {
            if precedes(index, first) || precedes(first, index) { continue }
            if skipped == 0 { return index }
            skipped -= 1
        }
        return first
    }

    /// The next in turn: every candidate saves up its weight, and the one that has most pays all.
    ///
    /// Source: nginx's smooth weighted round robin (`ngx_http_upstream_round_robin.c`, 2012).
    private mutating func nextInTurn(_ excluded: BackendSet, _ now: Timestamp) -> Int? {
        var next: Int?
        var all: Int64 = 0
        for index in backends.indices where isCandidate(index, excluded, now) {
            let weight = Int64(backends[index].traits.weight)
            backends[index].turn += weight
            all += weight
            if let next, backends[next].turn >= backends[index].turn { continue }
            next = index
        }
        if let next { backends[next].turn -= all }
        return next
    }

    /// Why there is no candidate, and when there may be one.
    private func refusal(_ excluded: BackendSet, _ now: Timestamp) -> BackendChoice {
        var roomIn: Int64?
        var trialIn: Int64?
        for index in backends.indices where !excluded.contains(index) {
            let wait = backends[index].breaker.nanosecondsUntilTrial(now: now)
            if wait == 0 {
                let aside = max(0, backends[index].asideUntil.nanoseconds(since: now))
                let room = backends[index].hasRoom ? 0 : untilRoom(index)
                roomIn = min(roomIn ?? .max, max(aside, room))
            } else {
                trialIn = min(trialIn ?? .max, wait ?? Self.unknownHintNanoseconds)
            }
        }
        if let roomIn { return .busy(retryAfterNanoseconds: roomIn) }
        return .unhealthy(retryAfterNanoseconds: trialIn ?? Self.unknownHintNanoseconds)
    }

    /// When a full backend is likely to have room: the requests under way end evenly over the time
    /// that they take.
    private func untilRoom(_ index: Int) -> Int64 {
        let each = backends[index].meanNanoseconds / Int64(max(1, backends[index].outstanding))
        let range = Self.roomHintNanoseconds
        return min(max(each, range.lowerBound), range.upperBound)
    }
}
