import Foundation
import Synchronization
import Testing

@testable import UsageJournal

@Suite("Faults of the disk")
struct FaultTests {
    private let fixture: JournalFixture

    init() throws {
        fixture = try JournalFixture()
    }

    @Test(
        "a journal that can't be made leaves nothing",
        arguments: [
            ("create", JournalError.Code.diskFull), ("preallocate", .diskFull),
            ("write", .diskFull), ("sync", .broken), ("map", .diskFull), ("rename", .diskFull),
            ("syncFolder", .broken),
        ], [0, 1])
    func making(_ call: (name: String, code: JournalError.Code), _ after: Int) throws {
        fixture.files.fail(call.name, after: after, with: ENOSPC)
        #expect(JournalFixture.error { _ = try fixture.open() }?.code == call.code)
        #expect(try fixture.folder.names == [])
        let journal = try fixture.open()
        try JournalFixture.append(0..<100, of: journal)
    }

    @Test(
        "a segment that can't be made leaves the journal as it was",
        arguments: ["create", "preallocate", "write", "map", "rename"])
    func nextSegment(_ call: String) throws {
        let journal = try fixture.open(streamCount: 1, maximumBytes: 2 * 8_192)
        try JournalFixture.append(0..<30, of: journal)
        fixture.files.fail(call, with: ENOSPC)
        #expect(JournalFixture.error { try journal.prepare() }?.code == .diskFull)
        fixture.files.fail(call, with: ENOSPC)
        var count = 30
        let error = JournalFixture.error {
            while count < 200 {
                try JournalFixture.append(count..<count + 1, of: journal)
                count += 1
            }
        }
        #expect(error?.code == .diskFull)
        #expect(try fixture.folder.names == ["7-0-0.journal"])
        let end = journal.end(of: 0)
        #expect(end.segment == 0)
        // It was no failure of what is written: once there is room, the journal goes on.
        try JournalFixture.append(count..<count + 20, of: journal)
        #expect(journal.end(of: 0).segment == 1)
        let samples = try JournalFixture.samples(fixture.recover().lives[0].streams[0])
        #expect(samples == (0..<count + 20).map(Sample.init))
    }

    @Test(
        "after a failed sync nothing is let in, and no sync is tried again", arguments: [0, 1, 2])
    func failedSync(_ after: Int) throws {
        let journal = try fixture.open()
        try JournalFixture.append(0..<130, of: journal)
        fixture.files.fail("syncContents", after: after, with: EIO)
        let error = JournalFixture.error { _ = try journal.sync(0) }
        #expect(error?.code == .broken)
        #expect(error?.file?.hasSuffix("7-0-\(after).journal") == true)
        #expect(journal.syncedPosition(of: 0) == .start)
        let calls = fixture.files.calls.withLock(\.count)
        for body in [
            { _ = try journal.sync(0) }, { _ = try journal.sync(1) }, { try journal.prepare() },
            { try journal.close() }, { try JournalFixture.append(0..<1, of: journal) },
            { try JournalFixture.append(0..<1, to: 1, of: journal) },
        ] {
            #expect(JournalFixture.error(body)?.code == .broken)
        }
        #expect(fixture.files.calls.withLock(\.count) == calls)
    }

    @Test(
        "a failed sync of a new segment breaks the journal too", arguments: ["sync", "syncFolder"])
    func failedCreationSync(_ call: String) throws {
        let journal = try fixture.open()
        try JournalFixture.append(0..<30, of: journal)
        fixture.files.fail(call, with: EIO)
        #expect(JournalFixture.error { try journal.prepare() }?.code == .broken)
        #expect(
            JournalFixture.error { try JournalFixture.append(0..<1, to: 1, of: journal) }?.code
                == .broken)
        let samples = try JournalFixture.samples(fixture.recover().lives[0].streams[0])
        #expect(samples == (0..<30).map(Sample.init))
    }

    @Test("a close that fails is no clean one")
    func failedClose() throws {
        let journal = try fixture.open(streamCount: 1)
        try JournalFixture.append(0..<3, of: journal)
        fixture.files.fail("syncContents", with: EIO)
        #expect(JournalFixture.error { try journal.close() }?.code == .broken)
        #expect(JournalFixture.error { try journal.close() }?.code == .broken)
        let stream = try fixture.recover(boot: Sample.otherBoot).lives[0].streams[0]
        #expect(stream.completeness == .toMark(.start))
    }

    @Test("a file that can't be removed is tried again")
    func failedRelease() throws {
        let journal = try fixture.open(streamCount: 1)
        try JournalFixture.append(0..<130, of: journal)
        let end = try journal.sync(0)
        fixture.files.fail("remove", after: 1, with: EIO)
        #expect(JournalFixture.error { try journal.release(0, through: end) } != nil)
        try journal.release(0, through: end)
        #expect(try fixture.folder.names == ["7-0-\(end.segment).journal"])
    }

    @Test(
        "a recovery that can't read says so",
        arguments: ["makeFolder", "names", "open", "size", "read", "sync"])
    func recovery(_ call: String) throws {
        do { try JournalFixture.append(0..<3, of: fixture.open()) }
        fixture.files.fail(call, with: EIO)
        let error = JournalFixture.error { _ = try fixture.recover() }
        #expect(error?.code == (call == "sync" ? .broken : .unusableFolder))
        #expect(error?.file != nil)
    }
}
