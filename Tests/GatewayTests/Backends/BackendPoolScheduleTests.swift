import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("random schedules of a pool")
struct BackendPoolScheduleTests {
    /// What became of the choices of a schedule.
    private struct Tally {
        var backend = 0
        var busy = 0
        var unhealthy = 0
    }

    private func outcome(_ random: inout SeededRandom, _ illness: Int) -> BackendOutcome {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<illness: .failure(BackendFailure.allCases.randomElement(using: &random) ?? .status)
        case 90..<94: .cancelled
        case 94..<97:
            .overloaded(
                retryAfterNanoseconds: Int64.random(in: 0...90_000_000_000, using: &random))
        case 97: .overloaded(retryAfterNanoseconds: nil)
        default: .success
        }
    }

    private func run(_ strategy: RoutingStrategy, _ seed: UInt64, _ tally: inout Tally) {
        var random = SeededRandom(seed: seed)
        let traits = (0..<Int.random(in: 1...6, using: &random))
            .map { _ in
                BackendState.Traits(
                    maximumConcurrent: Int.random(in: 1...5, using: &random),
                    weight: Int.random(in: 1...9, using: &random),
                    cost: Int64.random(in: 0...2, using: &random))
            }
        var pool = BackendPool(traits, strategy: strategy)
        var naive = NaivePool(traits, strategy)
        var now = Timestamp(seconds: 0)
        var illness = 5
        for step in 0..<1_500 {
            if step % 100 == 0 { illness = [0, 5, 60, 90].randomElement(using: &random) ?? 5 }
            now = now.adding(nanoseconds: Int64.random(in: -1_000...800_000_000, using: &random))
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<11: choose(&pool, &naive, now, &random, &tally)
            case 11..<19:
                guard let place = naive.requests.indices.randomElement(using: &random) else {
                    continue
                }
                let outcome = outcome(&random, illness)
                let number = random.next()
                let ticket = naive.requests[place].ticket
                pool.end(ticket, outcome, now: now, random: number)
                naive.end(place, outcome, now, number)
            default:
                let index = Int.random(in: traits.indices, using: &random)
                let succeeds = Int.random(in: 0..<100, using: &random) >= illness
                let number = random.next()
                if succeeds {
                    pool.probeSucceeded(index)
                } else {
                    pool.probeFailed(index, now: now, random: number)
                }
                naive.probe(index, succeeds, now, number)
            }
            for (index, backend) in pool.backends.enumerated() {
                let isRight = backend.outstanding == naive.outstanding(index)
                let isBounded = backend.outstanding <= traits[index].maximumConcurrent
                #expect(isRight && isBounded, "\(random) \(strategy)")
            }
        }
        for place in naive.requests.indices.reversed() {
            pool.end(naive.requests[place].ticket, .cancelled, now: now, random: 0)
        }
        #expect(pool.backends.allSatisfy { $0.outstanding == 0 }, "\(random)")
    }

    private func choose(
        _ pool: inout BackendPool,
        _ naive: inout NaivePool,
        _ now: Timestamp,
        _ random: inout SeededRandom,
        _ tally: inout Tally
    ) {
        var set = BackendSet()
        var excluded: Set<Int> = []
        for index in naive.traits.indices where Int.random(in: 0..<6, using: &random) == 0 {
            set.insert(index)
            excluded.insert(index)
        }
        let allowed = naive.allowed(excluded, now)
        let isBusy = naive.isBusy(excluded, now)
        let why = "\(random) \(naive.strategy)"
        switch pool.choose(excluding: set, now: now, random: random.next()) {
        case .backend(let index):
            tally.backend += 1
            #expect(allowed.contains(index), "\(why)")
            naive.begin(pool.begin(index, now: now), now)
        case .busy(let hint):
            tally.busy += 1
            #expect(allowed.isEmpty && isBusy, "\(why)")
            #expect(hint > 0 && hint <= 60_000_000_000, "\(why)")
        case .unhealthy(let hint):
            tally.unhealthy += 1
            #expect(allowed.isEmpty && !isBusy, "\(why)")
            #expect(hint > 0 && hint <= 60_000_000_000, "\(why)")
        }
    }

    @Test(
        "every choice is one that a naive pool allows, and nothing is left under way",
        arguments: RoutingStrategy.allCases)
    func schedules(strategy: RoutingStrategy) {
        var tally = Tally()
        for seed in 1...40 { run(strategy, UInt64(seed), &tally) }
        // The schedules come to all three answers, so that they test them.
        #expect(tally.backend > 5_000 && tally.busy > 1_000 && tally.unhealthy > 500)
    }
}
