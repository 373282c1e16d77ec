import Foundation
import Synchronization
import Testing

@testable import UsageJournal

@Suite("Usage journal")
struct UsageJournalTests {
    private let fixture: JournalFixture

    init() throws {
        fixture = try JournalFixture()
    }

    @Test("records of several segments are recovered after the process died")
    func roundTrip() throws {
        let ends: [JournalPosition]
        do {
            let journal = try fixture.open()
            ends = try JournalFixture.append(0..<300, of: journal)
            try JournalFixture.append(300..<310, to: 1, of: journal)
        }
        #expect(ends == ends.sorted())
        #expect(ends[299].segment > 3)
        let life = try fixture.recover().lives[0]
        #expect(life.isSameBoot && life.identity.node == "node-α")
        #expect(try JournalFixture.samples(life.streams[0]) == (0..<300).map(Sample.init))
        #expect(try JournalFixture.samples(life.streams[1]) == (300..<310).map(Sample.init))
        #expect(life.streams[0].end == ends[299])
        #expect(life.streams.map(\.completeness) == [.complete, .complete])
    }

    @Test("a sync covers what was appended, across segments")
    func sync() throws {
        let journal = try fixture.open()
        #expect(journal.syncedPosition(of: 0) == .start)
        let ends = try JournalFixture.append(0..<200, of: journal)
        #expect(try journal.sync(0) == ends[199])
        #expect(journal.syncedPosition(of: 0) == ends[199])
        #expect(journal.syncedPosition(of: 1) == .start)
        let syncs = fixture.files.calls.withLock { $0.filter { $0 == "syncContents" }.count }
        #expect(Int64(syncs) == ends[199].segment + 1)
        #expect(try journal.sync(0) == ends[199])
        let more = try JournalFixture.append(200..<201, of: journal)
        #expect(try journal.sync(0) == more[0])
    }

    @Test("the journal is bounded, and goes on after a release")
    func bounded() throws {
        let journal = try fixture.open(streamCount: 1, maximumBytes: 4 * 8_192)
        var count = 0
        let full = JournalFixture.error {
            while count < 10_000 {
                try JournalFixture.append(count..<count + 1, of: journal)
                count += 1
            }
        }
        #expect(full?.code == .full)
        #expect(try fixture.folder.names.count == 4)
        try journal.prepare()
        let end = journal.end(of: 0)
        #expect(
            JournalFixture.error { try JournalFixture.append(3..<4, of: journal) }?.code == .full)
        #expect(journal.end(of: 0) == end)
        // Not before it is synced.
        try journal.release(0, through: end)
        #expect(try fixture.folder.names.count == 4)
        _ = try journal.sync(0)
        try journal.release(0, through: end)
        #expect(try fixture.folder.names == ["7-0-3.journal"])
        try JournalFixture.append(count..<count + 90, of: journal)
        let stored = JournalRecovery.Stream(incarnation: 7, stream: 0)
        let life = try fixture.recover(stored: [stored: end]).lives[0]
        let samples = try JournalFixture.samples(life.streams[0])
        #expect(samples == (count..<count + 90).map(Sample.init))
    }

    @Test("a spare segment is made ahead of need, and only then")
    func prepare() throws {
        let journal = try fixture.open(streamCount: 1)
        try journal.prepare()
        #expect(try fixture.folder.names.count == 1)
        try JournalFixture.append(0..<30, of: journal)
        try journal.prepare()
        try journal.prepare()
        #expect(try fixture.folder.names == ["7-0-0.journal", "7-0-1.journal"])
        let made = fixture.files.calls.withLock { $0.filter { $0 == "create" }.count }
        try JournalFixture.append(30..<60, of: journal)
        #expect(journal.end(of: 0).segment == 1)
        #expect(fixture.files.calls.withLock { $0.filter { $0 == "create" }.count } == made)
        #expect(try JournalFixture.samples(fixture.recover().lives[0].streams[0]).count == 60)
    }

    @Test("extensions that are too large are refused, and nothing is written")
    func tooLarge() throws {
        let journal = try fixture.open(streamCount: 1, segmentBytes: 1 << 18)
        #expect(journal.largestExtension == 65_536)
        let bytes = [UInt8](repeating: 1, count: 65_537)
        let error = JournalFixture.error {
            _ = try bytes.withUnsafeBytes {
                try journal.append(JournalRecord(), extension: $0, to: 0)
            }
        }
        #expect(error?.code == .tooLarge)
        #expect(journal.end(of: 0) == .start)
        try bytes.withUnsafeBytes { bytes in
            for _ in 0..<8 {
                _ = try journal.append(
                    JournalRecord(), extension: UnsafeRawBufferPointer(rebasing: bytes[1...]),
                    to: 0)
            }
        }
    }

    @Test("closed cleanly, it is complete in another boot and takes no more")
    func close() throws {
        let journal = try fixture.open()
        try JournalFixture.append(0..<100, of: journal)
        try journal.close()
        try journal.close()
        for body in [
            { _ = try journal.sync(0) }, { try journal.prepare() },
            { try JournalFixture.append(0..<1, of: journal) },
        ] {
            #expect(JournalFixture.error(body)?.code == .closed)
        }
        let life = try fixture.recover(boot: Sample.otherBoot).lives[0]
        #expect(!life.isSameBoot)
        #expect(life.streams.map(\.completeness) == [.complete, .complete])
        #expect(try JournalFixture.samples(life.streams[0]) == (0..<100).map(Sample.init))
    }

    @Test("sizes that make no sense are refused")
    func sizes() {
        for (segmentBytes, maximumBytes) in [(8_000, 1 << 20), (4_096, 1 << 20), (8_192, 16_384)] {
            let error = JournalFixture.error {
                _ = try fixture.open(segmentBytes: segmentBytes, maximumBytes: maximumBytes)
            }
            #expect(error?.code == .unusableFolder)
        }
    }

    @Test("a life has one journal")
    func oneLife() throws {
        let journal = try fixture.open()
        #expect(JournalFixture.error { _ = try fixture.open() }?.code == .unusableFolder)
        try JournalFixture.append(0..<1, of: journal)
    }

    @Test("what is read can be stored and released")
    func reading() throws {
        let journal = try fixture.open(streamCount: 1)
        let ends = try JournalFixture.append(0..<200, of: journal)
        _ = try journal.sync(0)
        var position = JournalPosition.start
        var samples: [Sample] = []
        for end in stride(from: 3, to: 200, by: 7).map({ ends[$0] }) {
            position = try journal.read(0, from: position, through: end) { record, bytes, _ in
                samples.append(Sample(record, bytes))
            }
            #expect(position >= end)
            try journal.release(0, through: position)
            #expect(try fixture.folder.names.first == "7-0-\(position.segment).journal")
        }
        #expect(samples == (0..<samples.count).map(Sample.init))
        #expect(samples.count == 200)
        for (first, last) in [(ends[0], ends[3]), (ends[199], ends[198])] {
            let error = JournalFixture.error {
                _ = try journal.read(0, from: first, through: last) { _, _, _ in }
            }
            #expect(error?.code == .damaged)
        }
    }

    @Test("threads append to the same and to different streams while others read")
    func concurrency() async throws {
        let journal = try fixture.open(streamCount: 2, maximumBytes: 4 << 20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let first = writer * 1_000
                    try JournalFixture.append(first..<first + 1_000, to: writer % 2, of: journal)
                }
            }
            for stream in 0..<2 {
                group.addTask {
                    var position = JournalPosition.start
                    for _ in 0..<100 {
                        let end = try journal.sync(stream)
                        position = try journal.read(
                            stream, from: position, through: max(end, position)
                        ) {
                            _, _, _ in
                        }
                        try journal.release(stream, through: .start)
                        try journal.prepare()
                    }
                }
            }
            try await group.waitForAll()
        }
        let streams = try fixture.recover().lives[0].streams
        for (number, stream) in streams.enumerated() {
            let samples = try JournalFixture.samples(stream)
            #expect(samples.count == 2_000)
            for writer in [number, number + 2] {
                let numbers = samples.map { Int($0.record.units) }
                    .filter { $0 / 1_000 == writer }
                #expect(numbers == Array(writer * 1_000..<writer * 1_000 + 1_000))
            }
            #expect(samples.allSatisfy { $0 == Sample(Int($0.record.units)) })
        }
    }

    @Test("a reader keeps what is released under it")
    func releaseWhileReading() throws {
        let journal = try fixture.open(streamCount: 1)
        let ends = try JournalFixture.append(0..<200, of: journal)
        _ = try journal.sync(0)
        var samples: [Sample] = []
        _ = try journal.read(0, from: .start, through: ends[199]) {
            record, bytes, _ throws(JournalError) in
            if samples.isEmpty { try journal.release(0, through: ends[199]) }
            samples.append(Sample(record, bytes))
        }
        #expect(samples.count == 200)
        #expect(try fixture.folder.names.count == 1)
    }
}
