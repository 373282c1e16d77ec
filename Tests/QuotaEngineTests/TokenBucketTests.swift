import QuotaEngine
import QuotaModel
import QuotaTesting
import Testing

@Suite("A token bucket")
struct TokenBucketTests {
    private static let second: Int64 = 1_000_000_000
    private let start = Timestamp(seconds: 1_000_000)

    private func rate(
        _ quantity: Int64,
        per window: Int64 = second,
        burst: Int64? = nil
    ) -> TokenBucket.Rate {
        TokenBucket.Rate(
            quantity: quantity, windowNanoseconds: window, burst: burst ?? quantity)
    }

    /// How many single tokens a bucket gives when it is asked at each of these nanoseconds.
    private func taken(
        _ rate: TokenBucket.Rate,
        at instants: some Sequence<Int64>,
        emptyAtFirst: Bool
    ) -> Int {
        var bucket = TokenBucket(updatedAt: start)
        if emptyAtFirst { _ = bucket.take(rate.burst, rate) }
        var taken = 0
        for instant in instants {
            bucket.refill(rate, now: start.adding(nanoseconds: instant))
            while bucket.take(1, rate) { taken += 1 }
        }
        return taken
    }

    @Test(
        "a rate admits exactly its quantity in each window, however often it is asked",
        arguments: [1, 3, 7, 10, 97, 1_000] as [Int64])
    func exactness(_ quantity: Int64) {
        for steps in [1, 3, 10, 977, 5_000] as [Int64] {
            let instants = (1...steps).map { Self.second / steps * $0 }
            let last = instants[instants.count - 1]
            let expected = Int(quantity * last / Self.second)
            let seen = taken(rate(quantity), at: instants, emptyAtFirst: true)
            #expect(seen == expected, "\(steps) steps")
        }
        let whole = (1...1_000).map { Self.second / 1_000 * $0 }
        #expect(taken(rate(quantity), at: whole, emptyAtFirst: true) == Int(quantity))
    }

    @Test("a bucket begins full and never holds more than its burst")
    func burst() {
        let rate = rate(10, burst: 25)
        var bucket = TokenBucket(updatedAt: start)
        #expect(bucket.available(rate) == 25 && bucket.used(rate) == 0)
        bucket.refill(rate, now: start.adding(nanoseconds: 900 * Self.second))
        #expect(bucket.available(rate) == 25)
        #expect(bucket.nanosecondsUntilFull(rate) == 0)
        #expect(bucket.take(25, rate) == true)
        #expect(bucket.take(1, rate) == false)
        #expect(bucket.available(rate) == 0 && bucket.used(rate) == 25)
        #expect(bucket.nanosecondsUntilFull(rate) == 2_500_000_000)
    }

    @Test("a clock that steps back adds nothing, and its return adds nothing twice")
    func stepsBack() {
        let rate = rate(10)
        var bucket = TokenBucket(updatedAt: start)
        #expect(bucket.take(10, rate) == true)
        for _ in 0..<10 {
            bucket.refill(rate, now: start.adding(nanoseconds: -5 * Self.second))
            #expect(bucket.available(rate) == 0)
            bucket.refill(rate, now: start)
            #expect(bucket.available(rate) == 0)
        }
        bucket.refill(rate, now: start.adding(nanoseconds: Self.second / 10))
        #expect(bucket.available(rate) == 1)
    }

    @Test("at the retry time it passes, and a nanosecond earlier it does not", arguments: 1...60)
    func retryIsExact(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<50 {
            let rate = rate(
                Int64.random(in: 1...1_000, using: &random),
                per: [Self.second, 60 * Self.second, 3_600 * Self.second]
                    .randomElement(using: &random) ?? Self.second,
                burst: Int64.random(in: 1...500, using: &random))
            var bucket = TokenBucket(updatedAt: start)
            #expect(bucket.take(Int64.random(in: 0...rate.burst, using: &random), rate) == true)
            let tokens = Int64.random(in: 1...rate.burst, using: &random)
            let wait = try #require(bucket.nanosecondsUntilAvailable(tokens, rate))
            if wait > 0 {
                bucket.refill(rate, now: start.adding(nanoseconds: wait - 1))
                var early = bucket
                #expect(early.take(tokens, rate) == false, "\(random) \(rate)")
                #expect(bucket.nanosecondsUntilAvailable(tokens, rate) == 1)
            }
            bucket.refill(rate, now: start.adding(nanoseconds: wait))
            #expect(bucket.nanosecondsUntilAvailable(tokens, rate) == 0)
            #expect(bucket.take(tokens, rate) == true, "\(random) \(rate)")
        }
    }

    @Test("in any time T it admits at most r T + b", arguments: 1...20)
    func longRunBound(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let rate = rate(
            Int64.random(in: 1...50, using: &random),
            burst: Int64.random(in: 1...80, using: &random))
        var bucket = TokenBucket(updatedAt: start)
        var now: Int64 = 0
        var takes: [(at: Int64, tokens: Int64)] = []
        for _ in 0..<400 {
            now += Int64.random(in: -50_000_000...400_000_000, using: &random)
            bucket.refill(rate, now: start.adding(nanoseconds: now))
            let tokens = Int64.random(in: 1...20, using: &random)
            if bucket.take(tokens, rate) { takes.append((now, tokens)) }
        }
        for first in takes.indices {
            var sum: Int64 = 0
            var latest = takes[first].at
            for take in takes[first...] {
                sum += take.tokens
                latest = max(latest, take.at)
                // Time that a step back repeats does not count, so the span is at most this.
                let span = Int128(latest - takes[first].at + 50_000_000)
                let most = span * Int128(rate.quantity) + Int128(rate.burst) * Int128(Self.second)
                #expect(Int128(sum) * Int128(Self.second) <= most, "\(random)")
            }
        }
    }

    @Test("without enforcement a bucket goes into debt and pays it off")
    func debt() {
        let rate = rate(10)
        var bucket = TokenBucket(updatedAt: start)
        #expect(bucket.take(25, rate, enforced: false) == true)
        #expect(bucket.available(rate) == 0 && bucket.used(rate) == 25)
        bucket.refill(rate, now: start.adding(nanoseconds: 1_500_000_000))
        #expect(bucket.available(rate) == 0)
        bucket.refill(rate, now: start.adding(nanoseconds: 1_600_000_000))
        #expect(bucket.available(rate) == 1)
    }

    @Test("what never comes has no waiting time, and what is there needs none")
    func never() {
        var bucket = TokenBucket(updatedAt: start)
        #expect(bucket.nanosecondsUntilAvailable(11, rate(10)) == nil)
        #expect(bucket.nanosecondsUntilAvailable(10, rate(10)) == 0)
        let dry = rate(0, burst: 5)
        #expect(bucket.nanosecondsUntilAvailable(5, dry) == 0)
        #expect(bucket.take(5, dry) == true)
        #expect(bucket.nanosecondsUntilAvailable(1, dry) == nil)
        #expect(bucket.nanosecondsUntilFull(dry) == nil)
    }

    @Test("the largest rates and amounts stay in range")
    func range() {
        let rate = rate(Amount.maximum, per: 3_600 * Self.second)
        var bucket = TokenBucket(updatedAt: .distantPast)
        #expect(bucket.take(Amount.maximum, rate) == true)
        for _ in 0..<2_000 { _ = bucket.take(Amount.maximum, rate, enforced: false) }
        #expect(bucket.available(rate) == 0 && bucket.used(rate) == .max)
        #expect(bucket.nanosecondsUntilFull(rate) == 2_001 * 3_600 * Self.second)
        bucket.refill(rate, now: .distantFuture)
        #expect(bucket.available(rate) == Amount.maximum)
    }
}
