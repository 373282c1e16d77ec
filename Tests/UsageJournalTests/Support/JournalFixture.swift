import UsageJournal

/// A folder with journals in it.
struct JournalFixture {
    let folder: TemporaryFolder
    let files = FaultyFiles()

    init() throws {
        folder = try TemporaryFolder()
    }

    func open(
        incarnation: Int64 = 7,
        streamCount: Int = 2,
        segmentBytes: Int = 8_192,
        maximumBytes: Int = 1 << 20
    ) throws -> UsageJournal {
        try UsageJournal(
            folder: folder.path, identity: try Sample.identity(incarnation: incarnation),
            streamCount: streamCount, segmentBytes: segmentBytes, maximumBytes: maximumBytes,
            files: files)
    }

    func recover(
        boot: BootID = Sample.boot,
        generation: Int64 = 3,
        stored: [JournalRecovery.Stream: JournalPosition] = [:],
        finished: Set<Int64> = []
    ) throws(JournalError) -> JournalRecovery {
        let known = JournalRecovery.Known(
            boot: boot, generation: generation, stored: stored, finished: finished)
        return try JournalRecovery(folder: folder.path, known: known, files: files)
    }

    /// Appends samples; answers the ends.
    @discardableResult
    static func append(
        _ numbers: Range<Int>,
        to stream: Int = 0,
        of journal: UsageJournal
    ) throws -> [JournalPosition] {
        try numbers.map { try append(Sample($0), to: stream, of: journal) }
    }

    static func append(
        _ sample: Sample,
        to stream: Int,
        of journal: UsageJournal
    ) throws -> JournalPosition {
        try sample.bytes.withUnsafeBytes { bytes in
            try journal.append(sample.record, extension: bytes, to: stream)
        }
    }

    /// What a recovered stream holds, read in small portions.
    static func samples(_ stream: RecoveredStream) throws -> [Sample] {
        let records = stream.records()
        var samples: [Sample] = []
        while try records.next(7, { record, bytes, _ in samples.append(Sample(record, bytes)) }) > 0
        {}
        return samples
    }

    /// The error that a body throws.
    static func error(_ body: () throws -> Void) -> JournalError? {
        do {
            try body()
            return nil
        } catch {
            return error as? JournalError
        }
    }
}
