import Testing

@testable import UsageJournal

@Suite("Segment")
struct SegmentTests {
    @Test("what is written is read again, with its extension")
    func roundTrip() throws {
        let segment = try MemorySegment()
        let ends = segment.fill()
        #expect(ends.count > 30)
        #expect(ends == ends.sorted())
        let samples = MemorySegment.samples(segment.bytes, through: segment.end)
        #expect(samples == ends.indices.map(Sample.init))
    }

    @Test("the bytes are where the format says")
    func bytes() throws {
        let segment = try MemorySegment()
        let record = JournalRecord(
            kind: 1, flags: 2, name: 0x0605_0403, extra: 0x0a09_0807, time: 0x11, units: -1,
            value: 0x22, identifierHigh: 0x33, identifierLow: 0x44)
        var sample = Sample(0)
        sample.record = record
        sample.bytes = [0xee, 0xff]
        #expect(segment.append(sample) == 4_096 + 128)
        let slot = [UInt8](segment.bytes[4_096 + 8..<4_096 + 128])
        var expected: [UInt8] = [2, 0, 0, 0, 3, 4, 5, 6, 1, 2, 0, 0, 7, 8, 9, 10]
        expected += [0x11] + [UInt8](repeating: 0, count: 7) + [UInt8](repeating: 0xff, count: 8)
        for byte: UInt8 in [0x22, 0x33, 0x44] {
            expected += [byte] + [UInt8](repeating: 0, count: 7)
        }
        expected += [0xee, 0xff] + [UInt8](repeating: 0, count: 62)
        #expect(slot == expected)
        #expect(Array(segment.bytes[0..<8]) == Array("WEIRJNL1".utf8))
    }

    @Test("what does not fit changes nothing, and a slot is kept for the seal")
    func fits() throws {
        let segment = try MemorySegment()
        let largest = SegmentWriter.largestExtension(segmentBytes: 8_192)
        #expect(largest == 8_192 - 4_096 - 128)
        var sample = Sample(0)
        sample.bytes = [UInt8](repeating: 1, count: largest + 1)
        let before = Array(segment.bytes)
        #expect(segment.append(sample) == nil)
        #expect(Array(segment.bytes) == before)
        sample.bytes.removeLast()
        #expect(segment.append(sample) == 8_192 - 64)
        sample.bytes = []
        #expect(segment.append(sample) == nil)
        segment.seal()
        var reader = SegmentReader(segment.bytes, from: segment.end)
        guard case .end(.sealed) = reader.next() else {
            Issue.record("not sealed")
            return
        }
    }

    @Test("an extension of 64 KiB fits and one byte more does not")
    func largestExtension() throws {
        let segment = try MemorySegment(segmentBytes: 1 << 18)
        var sample = Sample(0)
        sample.bytes = [UInt8](repeating: 1, count: 64 * 1_024 + 1)
        #expect(segment.append(sample) == nil)
        sample.bytes.removeLast()
        #expect(segment.append(sample) != nil)
        #expect(MemorySegment.samples(segment.bytes, through: segment.end) == [sample])
    }

    @Test("a segment of another number, life or place is not read as this one's")
    func stale() throws {
        for old in [
            try MemorySegment(number: 1), try MemorySegment(number: 0, incarnation: 8),
        ] {
            _ = old.fill()
            let segment = try MemorySegment()
            // The contents of a file that was used before, under a new header.
            for offset in 4_096..<8_192 { segment.region[offset] = old.region[offset] }
            var reader = SegmentReader(segment.bytes)
            guard case .end(.damaged) = reader.next() else {
                Issue.record("a stale record was read")
                return
            }
        }
        let segment = try MemorySegment()
        _ = segment.fill(count: 1)
        for offset in 4_096..<4_160 { segment.region[offset + 64] = segment.region[offset] }
        #expect(MemorySegment.samples(segment.bytes, through: segment.end + 64).count == 1)
    }

    @Test("a header is read as it was written")
    func header() throws {
        let segment = try MemorySegment(number: 5)
        let header = try SegmentHeader(decoding: segment.bytes)
        #expect(header.identity == (try Sample.identity()))
        #expect(header.number == 5 && header.stream == 1 && header.streamCount == 2)
        #expect(header.segmentBytes == 8_192)
    }

    @Test("a name of more than 128 bytes is refused")
    func longNames() throws {
        let boot = Sample.boot
        let name = String(repeating: "n", count: 128)
        _ = try JournalIdentity(node: name, incarnation: 1, boot: boot, generation: 1)
        let error = JournalFixture.error {
            _ = try JournalIdentity(node: name + "n", incarnation: 1, boot: boot, generation: 1)
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("a mark takes turns, and a torn one leaves the one before")
    func marks() throws {
        let segment = try MemorySegment()
        let ends = segment.fill()
        try segment.mark(ends[0])
        try segment.mark(ends[1])
        #expect(try SyncMark.read(from: segment.bytes).offset == ends[1])
        segment.region[1_024] ^= 1
        #expect(try SyncMark.read(from: segment.bytes).offset == ends[0])
        segment.region[2_048] ^= 1
        #expect(JournalFixture.error { _ = try SyncMark.read(from: segment.bytes) } != nil)
    }

    @Test("a mark beyond the segment is refused")
    func markBeyond() throws {
        for offset in [8_192 + 64, 64, 4_097] {
            let segment = try MemorySegment()
            SyncMark(offset: offset, sequence: 1).write(to: segment.region)
            let error = JournalFixture.error { _ = try SyncMark.read(from: segment.bytes) }
            #expect(error?.code == .damaged)
        }
    }

    @Test("positions keep their order as numbers")
    func positions() {
        let positions = [
            JournalPosition.start, JournalPosition(segment: 0, offset: Int(UInt32.max)),
            JournalPosition(segment: 1, offset: 0),
            JournalPosition(segment: Int64(Int32.max), offset: 4_096),
        ]
        for position in positions {
            #expect(JournalPosition(encoded: position.encoded) == position)
        }
        #expect(positions == positions.sorted())
        #expect(positions.map(\.encoded) == positions.map(\.encoded).sorted())
        #expect(JournalPosition(encoded: -1) == nil)
    }

    @Test("boots and file names are read strictly")
    func names() {
        #expect(BootID("00112233-4455-6677-8899-aabbccddeeff") == Sample.boot)
        #expect(Sample.boot.description == "00112233445566778899aabbccddeeff")
        #expect(BootID("0011") == nil)
        #expect(SegmentName("7-0-12.journal")?.number == 12)
        #expect(SegmentName("-7-0-12.journal")?.incarnation == -7)
        for name in ["07-0-1.journal", "7-0.journal", "7-0-1", "--7-0-1.journal", "7-+0-1.journal"]
        {
            #expect(SegmentName(name) == nil, "\(name)")
        }
    }
}
