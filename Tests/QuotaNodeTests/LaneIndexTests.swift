import QuotaTesting
import Testing

@testable import QuotaNode

/// Against a dictionary, under random insertions and removals of hashes that collide.
@Suite("the index of lanes")
struct LaneIndexTests {
    @Test("finds what a dictionary finds", arguments: 1...20 as ClosedRange<UInt64>)
    func random(_ seed: UInt64) {
        var source = SeededRandom(seed: seed)
        var index = LaneIndex()
        var known: [Int32: UInt64] = [:]
        for step in 0..<4_000 {
            let head = Int32.random(in: 0..<200, using: &source)
            if let hash = known[head] {
                if step.isMultiple(of: 3) {
                    index.remove(head, hash)
                    known[head] = nil
                }
            } else {
                // Few hashes, so that many heads are pushed aside, also around the end.
                let hash = UInt64.random(in: 1...12, using: &source) &* 0x1000_0000_0000_0001
                index.insert(head, hash)
                known[head] = hash
            }
        }
        for (head, hash) in known {
            #expect(index.head(hash) { $0 == head } == head)
        }
        for head in Int32(0)..<200 where known[head] == nil {
            for number in UInt64(1)...12 {
                #expect(index.head(number &* 0x1000_0000_0000_0001) { $0 == head } == nil)
            }
        }
    }
}
