import Testing

@testable import UsageJournal

@Suite("Damage")
struct DamageTests {
    /// 40 mixed records, synced to the 20th.
    private static func segment() throws -> (MemorySegment, ends: [Int]) {
        let segment = try MemorySegment(segmentBytes: 12_288)
        let ends = segment.fill(count: 40)
        #expect(ends.count == 40)
        try segment.mark(ends[9])
        try segment.mark(ends[19])
        return (segment, ends)
    }

    private static let samples = (0..<40).map(Sample.init)

    /// How many records a verifier accepts, or nil when it refuses; never other contents.
    private static func accepted(
        _ segment: MemorySegment,
        stored: Int = 4_096,
        sameBoot: Bool
    ) -> Int? {
        let position = JournalPosition(segment: 0, offset: stored)
        guard
            let stream = try? MemorySegment.verify(
                [segment.bytes], stored: position, sameBoot: sameBoot)
        else { return nil }
        let found = MemorySegment.samples(segment.bytes, through: stream.end.offset)
        guard found == Array(samples.prefix(found.count)) else {
            Issue.record("other contents")
            return nil
        }
        return found.count
    }

    @Test("cut at every byte: the rest never written", arguments: [true, false], [4_096, 29])
    func lostTail(sameBoot: Bool, stored: Int) throws {
        let (segment, ends) = try Self.segment()
        let stored = stored < ends.count ? ends[stored] : stored
        var lost = segment.end
        for cut in stride(from: segment.end - 1, through: 0, by: -1) {
            // Where zeros were written, nothing is lost.
            if segment.region[cut] != 0 { lost = cut }
            segment.region[cut] = 0
            let count = Self.accepted(segment, stored: stored, sameBoot: sameBoot)
            let whole = ends.filter { $0 <= lost }.count
            #expect(count == nil || count == whole, "cut at \(cut)")
            #expect(count == nil || lost >= max(stored, ends[19]), "cut at \(cut)")
            if !sameBoot, lost >= max(stored, ends[19]) { #expect(count == whole) }
        }
    }

    @Test("a file of another length is refused at every length")
    func truncated() throws {
        let (segment, _) = try Self.segment()
        for length in 0..<segment.region.count {
            let bytes = UnsafeRawBufferPointer(rebasing: segment.bytes[..<length])
            let error = JournalFixture.error {
                _ = try MemorySegment.verify([bytes], sameBoot: true)
            }
            #expect(error?.code == .damaged)
            #expect(error?.file == "segment 0")
            #expect(error?.offset == length)
        }
    }

    @Test("every bit flipped in turn", arguments: [true, false])
    func flips(sameBoot: Bool) throws {
        let (segment, ends) = try Self.segment()
        for byte in 0..<segment.region.count {
            // Bits of one byte take turns beyond the records, to spare time.
            let isWritten = byte < 456 || 1_024..<1_056 ~= byte || 2_048..<2_080 ~= byte
            let isRecord = 4_096..<segment.end ~= byte
            for bit in 0..<8 where isWritten || isRecord || bit == byte % 8 {
                segment.region[byte] ^= 1 << bit
                let count = Self.accepted(segment, sameBoot: sameBoot)
                segment.region[byte] ^= 1 << bit
                let place = "byte \(byte), bit \(bit): \(String(describing: count))"
                switch byte {
                case 0..<1_024: #expect(count == nil, "\(place)")
                case ..<4_096: #expect(count == nil || count == 40, "\(place)")
                case ..<ends[19]: #expect(count == nil, "\(place)")
                case ..<segment.end:
                    let before = ends.filter { $0 <= byte }.count
                    #expect(count == (sameBoot ? nil : before), "\(place)")
                default: #expect(count == nil && sameBoot || count == 40, "\(place)")
                }
            }
        }
    }

    @Test("parts of a record without its commit word are dropped", arguments: [true, false])
    func torn(sameBoot: Bool) throws {
        let (segment, _) = try Self.segment()
        let next = try MemorySegment(segmentBytes: 12_288)
        _ = next.fill(count: 40)
        let end = segment.end
        var large = Sample(1)
        large.bytes = [UInt8](repeating: 0xab, count: 300)
        #expect(next.append(large) != nil)
        for written in 8..<384 {
            segment.region[end + written] = next.region[end + written]
            #expect(Self.accepted(segment, sameBoot: sameBoot) == 40)
        }
    }

    @Test("a record behind one that was never finished is refused")
    func recordBehindBlank() throws {
        let (segment, ends) = try Self.segment()
        // A record that was finished loses its commit word; those behind it are whole.
        for index in 20..<39 {
            let offset = ends[index - 1]
            let word = segment.bytes.load(fromByteOffset: offset, as: UInt64.self)
            segment.region.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
            #expect(Self.accepted(segment, sameBoot: true) == nil)
            #expect(Self.accepted(segment, sameBoot: false) == index)
            segment.region.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
        }
    }

    @Test("stale bytes far behind the end are refused")
    func farBytes() throws {
        let segment = try MemorySegment(segmentBytes: 1 << 18)
        _ = segment.fill(count: 40)
        segment.region[segment.end + 65 * 1_024 + 64] = 1
        #expect(Self.accepted(segment, sameBoot: true) == nil)
    }

    @Test("a stored position must be the end of a record")
    func boundary() throws {
        let (segment, ends) = try Self.segment()
        for end in ends {
            #expect(Self.accepted(segment, stored: end, sameBoot: true) == 40)
        }
        let inside = ends[4] - 64
        #expect(!ends.contains(inside))
        #expect(Self.accepted(segment, stored: inside, sameBoot: true) == nil)
        #expect(Self.accepted(segment, stored: segment.end + 64, sameBoot: true) == nil)
        #expect(Self.accepted(segment, stored: segment.end + 64, sameBoot: false) == nil)
    }
}
