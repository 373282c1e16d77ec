import Testing

@testable import UsageJournal

@Suite("Chain of segments")
struct ChainTests {
    /// Three segments, the first two sealed, the last half full.
    private static func chain() throws -> [MemorySegment] {
        var next = 0
        return try (0..<3 as Range<Int64>)
            .map { number in
                let segment = try MemorySegment(number: number)
                next += segment.fill(from: next, count: number < 2 ? .max : 10).count
                if number < 2 {
                    segment.seal()
                    try segment.mark(segment.end + 64)
                }
                return segment
            }
    }

    private static func verify(
        _ chain: [MemorySegment],
        stored: JournalPosition = .start,
        sameBoot: Bool = true
    ) throws(JournalError) -> VerifiedStream {
        try MemorySegment.verify(chain.map(\.bytes), stored: stored, sameBoot: sameBoot)
    }

    @Test("a chain is read to its end", arguments: [true, false])
    func whole(sameBoot: Bool) throws {
        let chain = try Self.chain()
        let stream = try Self.verify(chain, sameBoot: sameBoot)
        #expect(stream.end == JournalPosition(segment: 2, offset: chain[2].end))
        #expect(stream.segments.map(\.number) == [0, 1, 2])
        let mark = JournalPosition(segment: 2, offset: 4_096)
        #expect(stream.completeness == (sameBoot ? .complete : .toMark(mark)))
    }

    @Test("a missing segment is refused, but not before the stored position")
    func gaps() throws {
        let chain = try Self.chain()
        #expect(throws: JournalError.self) { try Self.verify([chain[0], chain[2]]) }
        #expect(throws: JournalError.self) { try Self.verify([chain[1], chain[2]]) }
        #expect(throws: JournalError.self) { try Self.verify([]) }
        let stored = JournalPosition(segment: 1, offset: 4_096)
        let stream = try Self.verify([chain[1], chain[2]], stored: stored)
        #expect(stream.segments.map(\.number) == [1, 2])
        #expect(throws: JournalError.self) { try Self.verify([chain[2]], stored: stored) }
        #expect(throws: JournalError.self) {
            try Self.verify(chain, stored: JournalPosition(segment: 3, offset: 4_096))
        }
    }

    @Test("records behind a segment that has not ended are refused")
    func unsealed() throws {
        let chain = try Self.chain()
        let first = try MemorySegment(number: 0)
        _ = first.fill()
        #expect(throws: JournalError.self) { try Self.verify([first, chain[1]]) }
        // After a power cut they may be there, and are dropped, unless they were synced.
        #expect(throws: JournalError.self) {
            try Self.verify([first, chain[1]], sameBoot: false)
        }
        let second = try MemorySegment(number: 1)
        _ = second.fill(from: 900)
        let stream = try Self.verify([first, second], sameBoot: false)
        #expect(stream.end == JournalPosition(segment: 0, offset: first.end))
        #expect(stream.segments.count == 1)
    }

    @Test("an empty spare segment may follow", arguments: [true, false])
    func spare(sameBoot: Bool) throws {
        let chain = try Self.chain() + [try MemorySegment(number: 3)]
        let stream = try Self.verify(chain, sameBoot: sameBoot)
        #expect(stream.end == JournalPosition(segment: 2, offset: chain[2].end))
        _ = chain[3].fill(count: 1)
        if sameBoot {
            #expect(throws: JournalError.self) { try Self.verify(chain, sameBoot: true) }
        }
    }

    @Test("a clean close is complete in another boot, and nothing may follow it")
    func clean() throws {
        let chain = try Self.chain()
        try chain[2].mark(chain[2].end, isClean: true)
        #expect(try Self.verify(chain, sameBoot: false).completeness == .complete)
        let spare = try MemorySegment(number: 3)
        #expect(try Self.verify(chain + [spare], sameBoot: false).completeness == .complete)
        _ = spare.fill(count: 1)
        #expect(throws: JournalError.self) { try Self.verify(chain + [spare], sameBoot: false) }
        _ = chain[2].fill(from: 500, count: 1)
        #expect(throws: JournalError.self) { try Self.verify(chain, sameBoot: false) }
    }

    @Test("segments of two lives make no chain")
    func lives() throws {
        let chain = try Self.chain()
        let other = try MemorySegment(number: 1, incarnation: 8)
        #expect(throws: JournalError.self) { try Self.verify([chain[0], other]) }
    }

    @Test("bytes behind the seal are refused", arguments: [true, false])
    func behindSeal(sameBoot: Bool) throws {
        let segment = try MemorySegment()
        _ = segment.fill(count: 10)
        segment.seal()
        segment.region[segment.end + 128] = 1
        let next = try MemorySegment(number: 1)
        #expect(throws: JournalError.self) {
            try Self.verify([segment, next], sameBoot: sameBoot)
        }
    }
}
