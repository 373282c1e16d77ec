import QuotaModel
import QuotaNode
import QuotaTesting
import Testing
import UsageJournal

@Suite("holds that grow while the process dies")
struct ExtendCutTests {
    private static let header = 4_096
    private static let slot = 64

    /// The records of the only stream that has some: where they lie, and where each begins.
    private struct Records {
        let bytes: UnsafeMutableRawBufferPointer
        let starts: [Int]
        let end: Int
    }

    private func records(_ files: MemoryFiles) throws -> Records {
        for name in try files.names(in: "journal") {
            let descriptor = try files.open("journal/" + name)
            defer { files.close(descriptor) }
            let bytes = try files.map(descriptor, bytes: try files.size(descriptor))
            var starts: [Int] = []
            var place = Self.header
            while bytes.load(fromByteOffset: place, as: UInt64.self) != 0 {
                starts.append(place)
                let length = Int(bytes.load(fromByteOffset: place + 8, as: UInt32.self))
                place += Self.slot * (1 + (length + Self.slot - 1) / Self.slot)
            }
            if !starts.isEmpty { return Records(bytes: bytes, starts: starts, end: place) }
        }
        throw TestNode.UnexpectedReplay()
    }

    /// A hold of 10 tokens that is extended by 20, and its journal before and after.
    private func extended() async throws -> (StoredNode, ReservationID, Records, from: Int) {
        let test = try await StoredNode(
            .memory,
            limits: [
                Limit(meter: StoredNode.tokens, window: .day, quantity: 100),
                Limit(meter: StoredNode.tokens, window: .month, quantity: 1_000),
                Limit(meter: StoredNode.calls, window: .month, quantity: 50),
            ])
        let held = try await test.hold([StoredNode.tokens: 10, StoredNode.calls: 1])
        let from = try records(test.files).end
        let charges = [
            Charge(meter: StoredNode.tokens, amount: 20),
            Charge(meter: StoredNode.calls, amount: 2),
        ]
        _ = try await test.node.extend(held.id, of: StoredNode.tenant, by: charges)
        return (test, held.id, try records(test.files), from)
    }

    @Test("a journal that ends at any byte of an extension has it whole or not at all")
    func cut() async throws {
        let (_, _, whole, from) = try await extended()
        let starts = whole.starts.filter { $0 >= from }
        #expect(starts.count >= 2, "there is a record for each meter")
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : whole.end
            // The commit word is written last: whatever of the rest is there, it is not.
            for cut in start..<end {
                let (first, id, records, _) = try await extended()
                #expect(records.starts == whole.starts)
                for place in start..<start + 8 { records.bytes[place] = 0 }
                for place in max(cut, start + 8)..<max(cut, start + 8, whole.end) {
                    records.bytes[place] = 0
                }
                let second = try await first.next()
                let reservation = try await second.node.reservation(id, tenant: nil)
                #expect(reservation.held.map(\.amount) == [10, 1], "cut at \(cut)")
                #expect(try await second.limit("tenant:ai_tokens/day")?.used == 10)
                #expect(try await second.limit("tenant:api_calls/month")?.held == 1)
            }
        }
        let (first, id, _, _) = try await extended()
        let second = try await first.next()
        let reservation = try await second.node.reservation(id, tenant: nil)
        #expect(reservation.held.map(\.amount) == [30, 3])
        #expect(try await second.limit("tenant:ai_tokens/day")?.used == 30)
        #expect(try await second.limit("tenant:api_calls/month")?.held == 3)
    }
}
