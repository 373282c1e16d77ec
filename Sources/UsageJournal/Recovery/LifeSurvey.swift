/// Looks through the segments of one life.
struct LifeSurvey {
    let incarnation: Int64
    let names: [SegmentName]
    let known: JournalRecovery.Known
    let folder: JournalFolder

    /// What can be used of the life.
    func life() throws(JournalError) -> JournalRecovery.Life {
        let byStream = Dictionary(grouping: names, by: \.stream)
        var streams: [RecoveredStream] = []
        for stream in byStream.keys.sorted() {
            let names = (byStream[stream] ?? []).sorted { $0.number < $1.number }
            streams.append(try recover(stream, names))
        }
        guard let first = streams.first?.verified.header else {
            throw .damaged("incarnation \(incarnation) has no segments")
        }
        try check(streams, first)
        return JournalRecovery.Life(
            identity: first.identity, isSameBoot: first.identity.boot == known.boot,
            streams: streams)
    }

    private func recover(
        _ stream: Int,
        _ names: [SegmentName]
    ) throws(JournalError) -> RecoveredStream {
        let key = JournalRecovery.Stream(incarnation: incarnation, stream: stream)
        let stored = known.stored[key] ?? .start
        let used = names.filter { $0.number >= stored.segment }
        guard let first = used.first else {
            throw JournalError(
                .damaged,
                "stream \(stream) of incarnation \(incarnation) ends before segment "
                    + "\(stored.segment), which is stored", file: folder.path)
        }
        let buffer = SegmentBuffer(folder)
        try buffer.load(first.text, syncingIf: known.boot)
        let boot = try identity(buffer, first).boot
        var verifier = StreamVerifier(stored: stored, survivedInMemory: boot == known.boot)
        try verifier.add(buffer.bytes, file: folder.path(first.text))
        for name in used.dropFirst() {
            try buffer.load(name.text, syncingIf: known.boot)
            _ = try identity(buffer, name)
            try verifier.add(buffer.bytes, file: folder.path(name.text))
        }
        return RecoveredStream(verified: try verifier.finish(), folder: folder)
    }

    /// Whose segment it is; throws when its name or its ledger is another.
    private func identity(
        _ buffer: SegmentBuffer,
        _ name: SegmentName
    ) throws(JournalError) -> JournalIdentity {
        let path = folder.path(name.text)
        let header: SegmentHeader
        do { header = try SegmentHeader(decoding: buffer.bytes) } catch {
            throw error.located(in: path)
        }
        let identity = header.identity
        guard identity.incarnation == name.incarnation, header.stream == name.stream,
            header.number == name.number
        else {
            throw JournalError(
                .damaged,
                "the header is of segment \(header.number) of stream \(header.stream) of "
                    + "incarnation \(identity.incarnation)", file: path, offset: 0)
        }
        guard identity.generation == known.generation else {
            throw JournalError(
                .generation,
                "the journal is of generation \(identity.generation) of the ledger, which is at "
                    + "generation \(known.generation): put the ledger of that generation back, or "
                    + "start with --set-aside-journal to go on with this one",
                file: path)
        }
        return identity
    }

    /// Checks that all streams are of one life, and that none was lost.
    private func check(
        _ streams: [RecoveredStream],
        _ first: SegmentHeader
    ) throws(JournalError) {
        for stream in streams {
            let header = stream.verified.header
            guard header.identity == first.identity, header.streamCount == first.streamCount else {
                throw JournalError(
                    .damaged, "stream \(stream.number) is of another journal", file: folder.path)
            }
        }
        // All streams are made before the first record is written to any.
        let numbers = Set(streams.map(\.number))
        let stored = known.stored.keys.filter { $0.incarnation == incarnation }
        let isUsed = !stored.isEmpty || streams.contains { $0.verified.end > .start }
        let wanted = stored.map(\.stream) + (isUsed ? Array(0..<first.streamCount) : [])
        if let missing = wanted.filter({ !numbers.contains($0) }).min() {
            throw JournalError(
                .damaged, "stream \(missing) of incarnation \(incarnation) is missing",
                file: folder.path)
        }
    }
}
