import QuotaTesting
import Testing

@testable import UsageJournal

/// Segments in memory over a disk that gets sectors of 512 bytes at any time in any order.
private struct Machine {
    private static let sectorBytes = 512
    var segments: [MemorySegment] = []
    var disks: [[UInt8]] = []
    var written: [Sample] = []
    /// The end of each record.
    var ends: [JournalPosition] = []
    var synced = JournalPosition.start
    var random: SeededRandom

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        try turn()
    }

    /// Begins the next segment, which is whole on the disk before it is used.
    mutating func turn() throws {
        segments.last?.seal()
        let segment = try MemorySegment(number: Int64(segments.count))
        segments.append(segment)
        disks.append(Array(segment.bytes))
    }

    mutating func append() throws {
        let sample = Sample(Int.random(in: 0..<1_000_000, using: &random))
        if segments[segments.count - 1].append(sample) == nil {
            try turn()
            #expect(segments[segments.count - 1].append(sample) != nil)
        }
        written.append(sample)
        ends.append(end)
    }

    var end: JournalPosition {
        JournalPosition(
            segment: Int64(segments.count - 1), offset: segments[segments.count - 1].end)
    }

    /// As the journal does it: older segments first, the mark when the bytes are there.
    mutating func sync() throws {
        for index in Int(synced.segment)..<segments.count {
            let segment = segments[index]
            disks[index] = Array(segment.bytes)
            let isLast = index == segments.count - 1
            let end = isLast ? segment.end : segment.end + 64
            if try SyncMark.read(from: segment.bytes).offset < end { try segment.mark(end) }
        }
        synced = end
    }

    /// Some sectors reach the disk by themselves.
    mutating func writeBack(_ percent: Int) {
        for (index, segment) in segments.enumerated() {
            for sector in 0..<segment.region.count / Self.sectorBytes
            where Int.random(in: 0..<100, using: &random) < percent {
                let range = sector * Self.sectorBytes..<(sector + 1) * Self.sectorBytes
                disks[index].replaceSubrange(range, with: segment.bytes[range])
            }
        }
    }

    /// What the disk holds, as segments for a verifier.
    func restarted() -> [MemorySegment] {
        for (segment, disk) in zip(segments, disks) { segment.region.copyBytes(from: disk) }
        return segments
    }
}

@Suite("Power cut")
struct PowerCutTests {
    @Test("what was synced is there, and what follows is a prefix")
    func cuts() throws {
        for seed in 0..<1_000 as Range<UInt64> {
            var machine = try Machine(seed: seed)
            try run(&machine)
            machine.writeBack(Int.random(in: 0...100, using: &machine.random))
            let stored =
                machine.ends.filter { $0 <= machine.synced }
                .randomElement(using: &machine.random) ?? .start
            let chain = machine.restarted().dropFirst(Int(stored.segment))
            let stream: VerifiedStream
            do {
                stream = try MemorySegment.verify(
                    chain.map(\.bytes), stored: stored, sameBoot: false)
            } catch {
                Issue.record("seed \(seed): \(error)")
                continue
            }
            #expect(stream.end >= machine.synced, "seed \(seed)")
            let count = machine.ends.filter { $0 <= stream.end }.count
            let skipped = machine.ends.filter { $0.segment < stored.segment }.count
            let found = stream.segments.flatMap { segment in
                MemorySegment.samples(
                    machine.segments[Int(segment.number)].bytes, through: segment.recordsEnd)
            }
            #expect(found == Array(machine.written[skipped..<count]), "seed \(seed)")
            guard case .toMark(let mark) = stream.completeness else {
                Issue.record("seed \(seed): said to be complete")
                continue
            }
            // A sealed segment that is whole is all there, whether or not it was synced.
            #expect(stored...max(stored, stream.end) ~= mark, "seed \(seed)")
            let isBehindSeal = mark.offset == 4_096
            #expect(mark <= max(machine.synced, stored) || isBehindSeal, "seed \(seed)")
        }
    }

    @Test("a sector that was synced and is lost is refused")
    func lostSectors() throws {
        for seed in 0..<200 as Range<UInt64> {
            var machine = try Machine(seed: seed)
            try run(&machine)
            try machine.sync()
            // So that the mark is on the disk.
            try machine.append()
            try machine.sync()
            let end = machine.ends[machine.ends.count - 2]
            let lost = Int.random(in: 4_096..<max(4_097, end.offset), using: &machine.random)
            let chain = machine.restarted()
            chain[Int(end.segment)].region[lost] ^= 0x40
            #expect(throws: JournalError.self, "seed \(seed), byte \(lost)") {
                try MemorySegment.verify(chain.map(\.bytes), sameBoot: false)
            }
        }
    }

    private func run(_ machine: inout Machine) throws {
        for _ in 0..<Int.random(in: 1..<120, using: &machine.random) {
            switch Int.random(in: 0..<20, using: &machine.random) {
            case 0: try machine.sync()
            case 1: machine.writeBack(Int.random(in: 0...100, using: &machine.random))
            default: try machine.append()
            }
        }
    }
}
