import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("a pool of backends")
struct BackendPoolTests {
    private let start = Timestamp(seconds: 1_000)
    private let second: Int64 = 1_000_000_000

    private func traits(
        _ most: Int = 10,
        weight: Int = 1,
        cost: Int64 = 0
    ) -> BackendState.Traits {
        BackendState.Traits(maximumConcurrent: most, weight: weight, cost: cost)
    }

    /// Where requests go that come one after the other and do not end.
    private func sequence(_ pool: inout BackendPool, _ count: Int, ends: Bool = false) -> [Int] {
        var sequence: [Int] = []
        for round in 0..<count {
            guard case .backend(let index) = pool.choose(now: start, random: UInt64(round)) else {
                break
            }
            sequence.append(index)
            let ticket = pool.begin(index, now: start)
            if ends { pool.end(ticket, .success, now: start, random: 0) }
        }
        return sequence
    }

    @Test("the least busy one is next, and chance decides among equals")
    func leastOutstanding() {
        var pool = BackendPool([traits(), traits(), traits()])
        let first = sequence(&pool, 30)
        #expect(pool.backends.map(\.outstanding) == [10, 10, 10])
        #expect(first.count == 30 && sequence(&pool, 1).isEmpty)
        for third in stride(from: 0, to: 30, by: 3) {
            #expect(Set(first[third..<third + 3]).count == 3)
        }
        var idle = BackendPool([traits(), traits(), traits()])
        #expect(sequence(&idle, 6, ends: true) == [0, 1, 2, 0, 1, 2])
    }

    @Test("weights 5, 1, 1 take turns as nginx's do, and no backend gets a run of requests")
    func weighted() {
        var pool = BackendPool(
            [traits(weight: 5), traits(weight: 1), traits(weight: 1)], strategy: .weighted)
        let turns = sequence(&pool, 14, ends: true)
        #expect(turns == [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0])
    }

    @Test("a full backend's share goes to the others by their weights")
    func weightedFull() {
        var pool = BackendPool(
            [traits(1, weight: 50), traits(1_000, weight: 3), traits(1_000, weight: 1)],
            strategy: .weighted)
        _ = sequence(&pool, 401)
        #expect(pool.backends.map(\.outstanding) == [1, 300, 100])
    }

    @Test("the cheapest is next while it has room, then the next cheapest")
    func cost() {
        var pool = BackendPool(
            [traits(2, cost: 30), traits(2, cost: 10), traits(1, cost: 10), traits(3, cost: 20)],
            strategy: .cost)
        let order = sequence(&pool, 20)
        #expect(order.count == 8)
        #expect(Set(order[0..<2]) == [1, 2], "among equals the less busy one")
        #expect(order[2] == 1)
        #expect(order[3...] == [3, 3, 3, 0, 0])
    }

    @Test("a choice leaves out what was tried")
    func excluding() {
        var pool = BackendPool([traits(), traits(), traits()])
        var tried = BackendSet()
        var seen: Set<Int> = []
        for _ in 0..<3 {
            guard
                case .backend(let index) = pool.choose(excluding: tried, now: start, random: 7)
            else { break }
            seen.insert(index)
            tried.insert(index)
        }
        #expect(seen == [0, 1, 2])
        let none = pool.choose(excluding: tried, now: start, random: 7)
        #expect(none == .unhealthy(retryAfterNanoseconds: second))
    }

    @Test("full backends are busy, with a hint of how long their requests take")
    func busy() {
        var pool = BackendPool([traits(4)])
        var tickets: [BackendTicket] = []
        var now = start
        for _ in 0..<100 {
            let ticket = pool.begin(0, now: now)
            now = now.adding(nanoseconds: 8 * second)
            pool.end(ticket, .success, now: now, random: 0)
        }
        for _ in 0..<4 { tickets.append(pool.begin(0, now: now)) }
        guard case .busy(let hint) = pool.choose(now: now, random: 0) else {
            Issue.record("should be busy")
            return
        }
        #expect(hint > second * 19 / 10 && hint <= second * 2, "8 s over 4 requests")
        pool.end(tickets[0], .cancelled, now: now, random: 0)
        #expect(pool.choose(now: now, random: 0) == .backend(0))
    }

    @Test("a backend that has too much to do is left alone as long as it says, and is not ill")
    func overloaded() {
        let cases: [(asked: Int64?, seconds: Int64)] = [
            (nil, 1), (5 * second, 5), (3_600 * second, 60), (.max, 60), (-1, 0), (.min, 0),
        ]
        for (asked, seconds) in cases {
            var pool = BackendPool([traits()])
            for _ in 0..<50 {
                let ticket = pool.begin(0, now: start)
                let outcome = BackendOutcome.overloaded(retryAfterNanoseconds: asked)
                pool.end(ticket, outcome, now: start, random: 0)
            }
            #expect(pool.backends[0].breaker.state == .closed)
            if seconds > 0 {
                let choice = pool.choose(now: start, random: 0)
                #expect(choice == .busy(retryAfterNanoseconds: seconds * second))
            }
            let later = start.adding(nanoseconds: seconds * second)
            #expect(pool.choose(now: later, random: 0) == .backend(0))
        }
    }

    @Test("an ill backend is not chosen, is tried after its backoff, and comes back")
    func illness() {
        var pool = BackendPool([traits(), traits()])
        for _ in 0..<5 {
            let ticket = pool.begin(0, now: start)
            pool.end(ticket, .failure(.connection), now: start, random: 0)
        }
        #expect(sequence(&pool, 20) == Array(repeating: 1, count: 10))
        let later = start.adding(nanoseconds: second / 2)
        #expect(pool.choose(now: later, random: 0) == .backend(0))
        let trial = pool.begin(0, now: later)
        guard case .busy = pool.choose(now: later, random: 0) else {
            Issue.record("one trial at a time; the other is full")
            return
        }
        pool.answered(trial)
        #expect(pool.choose(now: later, random: 0) == .backend(0))
        pool.end(trial, .failure(.brokenOff), now: later, random: 0)
        #expect(pool.backends[0].breaker.state == .closed && pool.backends[0].outstanding == 0)
    }

    @Test("without a healthy backend it says when one is tried again")
    func unhealthy() {
        var pool = BackendPool([traits(), traits()])
        for index in 0..<2 {
            for _ in 0..<2 { pool.probeFailed(index, now: start, random: 0) }
        }
        #expect(
            pool.choose(now: start, random: 0) == .unhealthy(retryAfterNanoseconds: second / 2))
        pool.probeSucceeded(1)
        #expect(pool.choose(now: start, random: 0) == .backend(1))
        _ = pool.begin(1, now: start)
        let trial = pool.choose(now: start, random: 0)
        #expect(trial == .unhealthy(retryAfterNanoseconds: second / 2))
    }

    @Test("a pool without backends, and an index that there is not, are no harm")
    func extremes() {
        var pool = BackendPool([])
        for random in [0, UInt64.max] {
            let choice = pool.choose(now: start, random: random)
            #expect(choice == .unhealthy(retryAfterNanoseconds: second))
        }
        for index in [-1, 0, 63, 64, Int.max, .min] {
            pool.probeFailed(index, now: start, random: 0)
            pool.probeSucceeded(index)
            var set = BackendSet()
            set.insert(index)
            #expect(set.contains(index) == (0..<64).contains(index))
        }
    }
}
