import QuotaTesting
import Testing

@testable import QuotaEngine

@Suite("a cache in shards")
struct ShardedCacheTests {
    @Test("what it knows is what was put last, it is bounded, and forgets what it is told to")
    func isThePlainDictionary() {
        var source = SeededRandom(seed: 71)
        for maximum in [2, 100, 3_000] {
            var cache = ShardedCache<Int, Int>(maximumCount: maximum)
            var model: [Int: Int] = [:]
            for step in 0..<20_000 {
                let key = Int.random(in: 0..<(2 * maximum), using: &source)
                switch Int.random(in: 0..<1_000, using: &source) {
                case 0:
                    cache.removeAll()
                    model = [:]
                    #expect(cache.count == 0)
                case 1..<100:
                    cache.remove(key)
                    model[key] = nil
                    #expect(cache.value(key) == nil)
                case 100..<500:
                    cache.put(step, key)
                    model[key] = step
                    #expect(cache.value(key) == step)
                default:
                    if let value = cache.value(key) { #expect(value == model[key]) }
                }
                #expect(cache.count <= maximum)
            }
        }
    }

    @Test("what is asked for again and again stays, whatever else comes")
    func keepsWhatIsInUse() {
        var cache = ShardedCache<Int, Int>(maximumCount: 8_192)
        cache.put(1, -1)
        for key in 0..<100_000 {
            cache.put(key, key)
            if key.isMultiple(of: 100) { #expect(cache.value(-1) == 1) }
        }
        // A part of it is as good as all.
        #expect(cache.count > 2_048)
    }
}
