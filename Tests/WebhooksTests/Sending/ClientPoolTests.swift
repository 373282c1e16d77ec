import QuotaTesting
import Testing

@testable import Webhooks

@Suite("Which clients are kept")
struct ClientPoolTests {
    @Test("a client is made once and kept, and the least recently used one makes room")
    func leastRecent() {
        var pool = ClientPool<String, Int>(capacity: 2)
        for (number, key) in ["a", "b", "a"].enumerated() {
            let taken = pool.take(key) { number }
            #expect(taken.close == nil)
            #expect(taken.use.client == (key == "a" ? 0 : 1))
            let closed = pool.giveBack(taken.use)
            #expect(closed == nil)
        }
        let third = pool.take("c") { 3 }
        #expect(third.close == 1)
        #expect(pool.count == 2)
    }

    @Test("a client in use is closed by whoever gives it back last")
    func inUse() {
        var pool = ClientPool<String, Int>(capacity: 1)
        let first = pool.take("a") { 1 }
        let second = pool.take("a") { 2 }
        #expect(second.use.client == 1)
        let other = pool.take("b") { 3 }
        #expect(other.close == nil)
        // The key is free for a new client, which is not taken for the old one.
        let again = pool.take("a") { 4 }
        #expect(again.use.client == 4)
        var closed = [pool.giveBack(first.use), pool.giveBack(second.use)]
        #expect(closed == [nil, 1])
        closed = [pool.giveBack(again.use), pool.giveBack(other.use)]
        #expect(closed == [nil, 3])
        #expect(pool.removeAll() == [4])
    }

    @Test("each client is closed once, never in use, and there are no more than there may be")
    func randomUse() {
        var random = SeededRandom(seed: .random(in: 0...UInt64.max))
        var pool = ClientPool<Int, Int>(capacity: 4)
        var made = 0
        var open: Set<Int> = []
        var uses: [ClientPool<Int, Int>.Use] = []
        func close(_ client: Int?) {
            guard let client else { return }
            #expect(open.remove(client) != nil, "\(client) was closed twice; \(random)")
            #expect(!uses.contains { $0.client == client }, "\(client) is in use; \(random)")
        }
        for _ in 0..<5_000 {
            if uses.count < 6, Bool.random(using: &random) {
                let taken = pool.take(Int.random(in: 0..<9, using: &random)) {
                    made += 1
                    open.insert(made)
                    return made
                }
                uses.append(taken.use)
                close(taken.close)
            } else if let index = uses.indices.randomElement(using: &random) {
                let use = uses.remove(at: index)
                close(pool.giveBack(use))
            }
            #expect(pool.count == open.count && open.count <= 4 + uses.count, "\(random)")
        }
        let rest = pool.removeAll()
        #expect(Set(rest) == open && rest.count == open.count, "\(random)")
        for use in uses {
            let closed = pool.giveBack(use)
            #expect(closed == nil)
        }
    }
}
