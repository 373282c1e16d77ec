import Foundation
import QuotaTesting
import Testing

@testable import Gateway

@Suite("ids of requests")
struct UniqueIDTests {
    @Test("are UUIDs of version 4")
    func form() {
        #expect(UniqueID.text(0, 0) == "00000000-0000-4000-8000-000000000000")
        #expect(UniqueID.text(.max, .max) == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        var random = SeededRandom(seed: 7)
        for _ in 0..<100 {
            let text = UniqueID.text(random.next(), random.next())
            #expect(UUID(uuidString: text)?.uuidString.lowercased() == text)
        }
    }
}
