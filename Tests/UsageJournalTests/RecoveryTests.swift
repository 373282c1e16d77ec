import Foundation
import Testing

@testable import UsageJournal

@Suite("Journal recovery")
struct RecoveryTests {
    private let fixture: JournalFixture

    init() throws {
        fixture = try JournalFixture()
    }

    private func stream(_ number: Int, of incarnation: Int64 = 7) -> JournalRecovery.Stream {
        JournalRecovery.Stream(incarnation: incarnation, stream: number)
    }

    private func write(_ count: Int, incarnation: Int64 = 7) throws -> [JournalPosition] {
        let journal = try fixture.open(incarnation: incarnation)
        return try JournalFixture.append(0..<count, of: journal)
    }

    private func refusal(
        stored: [JournalRecovery.Stream: JournalPosition] = [:]
    ) -> JournalError? {
        JournalFixture.error { _ = try fixture.recover(stored: stored) }
    }

    @Test("an empty folder and one that is not there hold no journal")
    func empty() throws {
        #expect(try fixture.recover().lives.isEmpty)
        try FileManager.default.removeItem(atPath: fixture.folder.path)
        #expect(try fixture.recover().lives.isEmpty)
    }

    @Test("it begins at the stored position, wherever that is")
    func storedPositions() throws {
        let ends = try write(150)
        for (index, end) in ends.enumerated() where index % 3 == 0 || index > 140 {
            let life = try fixture.recover(stored: [stream(0): end]).lives[0]
            let samples = try JournalFixture.samples(life.streams[0])
            #expect(samples == (index + 1..<150).map(Sample.init))
        }
    }

    @Test("segments before the stored position may be missing or damaged, others not")
    func missing() throws {
        let ends = try write(150)
        let stored = ends[100]
        #expect(stored.segment == 2)
        try fixture.folder.write([], to: "7-0-1.journal")
        try fixture.folder.remove("7-0-0.journal")
        let life = try fixture.recover(stored: [stream(0): stored]).lives[0]
        #expect(try JournalFixture.samples(life.streams[0]).count == 49)
        #expect(refusal()?.code == .damaged)
        try fixture.folder.remove("7-0-2.journal")
        #expect(refusal(stored: [stream(0): stored])?.code == .damaged)
    }

    @Test("a stream or a life that is lost is noticed")
    func lost() throws {
        let ends = try write(3)
        #expect(refusal(stored: [stream(0, of: 6): .start])?.code == .damaged)
        let none = [stream(1): JournalPosition.start]
        #expect(refusal(stored: none) == nil)
        try fixture.folder.remove("7-1-0.journal")
        #expect(refusal()?.code == .damaged)
        #expect(refusal(stored: none)?.code == .damaged)
        #expect(refusal(stored: [stream(0): ends[2]])?.code == .damaged)
    }

    @Test("a life that ended while its streams were made is empty")
    func halfMade() throws {
        do { _ = try fixture.open() }
        try fixture.folder.remove("7-1-0.journal")
        let streams = try fixture.recover().lives[0].streams
        #expect(streams.map(\.end) == [.start])
    }

    @Test("a position beyond the end is refused, in every boot")
    func beyond() throws {
        let ends = try write(3)
        let position = JournalPosition(segment: 0, offset: ends[2].offset + 64)
        let later = JournalPosition(segment: 1, offset: 4_096)
        for boot in [Sample.boot, Sample.otherBoot] {
            for stored in [position, later] {
                let error = JournalFixture.error {
                    _ = try fixture.recover(boot: boot, stored: [stream(0): stored])
                }
                #expect(error?.code == .damaged)
            }
        }
    }

    @Test("after a power cut it is complete to its mark")
    func otherBoot() throws {
        let journal = try fixture.open(streamCount: 1)
        let ends = try JournalFixture.append(0..<50, of: journal)
        _ = try journal.sync(0)
        try JournalFixture.append(50..<60, of: journal)
        let life = try fixture.recover(boot: Sample.otherBoot).lives[0]
        #expect(life.streams[0].completeness == .toMark(ends[49]))
        #expect(try JournalFixture.samples(life.streams[0]).count == 60)
    }

    @Test("the generation must be the ledger's")
    func generation() throws {
        _ = try write(3)
        let error = JournalFixture.error { _ = try fixture.recover(generation: 2) }
        #expect(error?.code == .generation)
        #expect(error?.message.contains("generation 3") == true)
        #expect(error?.message.contains("generation 2") == true)
        #expect(try fixture.recover(generation: 2, finished: [7]).lives.isEmpty)
    }

    @Test("two lives lie in one folder, and one is removed")
    func lives() throws {
        _ = try write(100)
        _ = try write(10, incarnation: 10)
        let recovery = try fixture.recover()
        #expect(recovery.lives.map(\.identity.incarnation) == [7, 10])
        #expect(try JournalFixture.samples(recovery.lives[0].streams[0]).count == 100)
        #expect(try JournalFixture.samples(recovery.lives[1].streams[0]).count == 10)
        try recovery.remove(7)
        try recovery.remove(7)
        #expect(try fixture.folder.names == ["10-0-0.journal", "10-1-0.journal"])
        let known = [stream(0): JournalPosition.start]
        #expect(refusal(stored: known)?.code == .damaged)
        #expect(try fixture.recover(stored: known, finished: [7]).lives.count == 1)
    }

    @Test("leftovers of a segment that was never made are ignored, and removed at start")
    func leftovers() throws {
        _ = try write(3)
        try fixture.folder.write([1, 2, 3], to: "7-0-1.journal.new")
        try fixture.folder.write([1, 2, 3], to: "notes.txt")
        #expect(try fixture.recover().lives.count == 1)
        _ = try write(1, incarnation: 8)
        #expect(try !fixture.folder.names.contains("7-0-1.journal.new"))
        #expect(try fixture.folder.names.contains("notes.txt"))
    }

    @Test("a file with another's name is refused")
    func names() throws {
        _ = try write(3)
        let bytes = try fixture.folder.bytes(of: "7-0-0.journal")
        for name in ["7-0-1.journal", "7-1-0.journal", "8-0-0.journal", "copy.journal"] {
            let before = try? fixture.folder.bytes(of: name)
            try fixture.folder.write(bytes, to: name)
            let error = refusal()
            #expect(error?.code == .damaged, "\(name)")
            #expect(error?.file?.hasSuffix(name) == true, "\(name)")
            try fixture.folder.remove(name)
            if let before { try fixture.folder.write(before, to: name) }
        }
        #expect(refusal() == nil)
    }

    @Test("a file cut at every byte is refused with its name and length")
    func cuts() throws {
        _ = try write(30)
        let bytes = try fixture.folder.bytes(of: "7-0-0.journal")
        for length in stride(from: 0, to: 8_192, by: 31) {
            try fixture.folder.write(bytes[..<length], to: "7-0-0.journal")
            let error = refusal()
            #expect(error?.code == .damaged)
            #expect(error?.offset == length)
            #expect(error?.file?.hasSuffix("7-0-0.journal") == true)
        }
        try fixture.folder.write(bytes + [0], to: "7-0-0.journal")
        #expect(refusal()?.code == .damaged)
    }

    @Test("a folder in the place of a segment and another format are errors")
    func strange() throws {
        _ = try write(3)
        var bytes = try fixture.folder.bytes(of: "7-0-0.journal")
        bytes[8] = 2
        try fixture.folder.write(bytes, to: "7-0-0.journal")
        #expect(refusal()?.code == .unknownFormat)
        try fixture.folder.remove("7-0-0.journal")
        try FileManager.default.createDirectory(
            atPath: fixture.folder.path + "/7-0-0.journal", withIntermediateDirectories: false)
        #expect(refusal()?.code == .unusableFolder)
    }

    @Test("a file that changes after it was checked is noticed")
    func changed() throws {
        let ends = try write(30)
        let streams = try fixture.recover().lives[0].streams
        var bytes = try fixture.folder.bytes(of: "7-0-0.journal")
        bytes[ends[9].offset + 20] ^= 1
        try fixture.folder.write(bytes, to: "7-0-0.journal")
        let error = JournalFixture.error { _ = try JournalFixture.samples(streams[0]) }
        #expect(error?.code == .damaged)
        #expect(error?.offset == ends[9].offset)
    }

    @Test("the system's own calls do what the tests' do")
    func system() throws {
        let identity = try JournalIdentity(
            node: "n", incarnation: 1, boot: try BootID.current(), generation: 1)
        do {
            let journal = try UsageJournal(
                folder: fixture.folder.path + "/journal", identity: identity, streamCount: 1,
                segmentBytes: 8_192)
            try JournalFixture.append(0..<100, of: journal)
            _ = try journal.sync(0)
            try journal.close()
        }
        let known = JournalRecovery.Known(boot: try BootID.current(), generation: 1)
        let recovery = try JournalRecovery(folder: fixture.folder.path + "/journal", known: known)
        #expect(recovery.lives[0].isSameBoot)
        let samples = try JournalFixture.samples(recovery.lives[0].streams[0])
        #expect(samples == (0..<100).map(Sample.init))
    }
}
