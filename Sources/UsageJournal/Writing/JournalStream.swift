import Synchronization

/// One chain of segments with one lock.
///
/// Locks are taken in the order in which they stand here; the lock of the state is never held over
/// a call of the system.
final class JournalStream: Sendable {
    let number: Int
    let folder: JournalFolder
    let budget: JournalBudget
    private let identity: JournalIdentity
    private let streamCount: Int
    let segmentBytes: Int

    /// Held by whoever makes or removes segments.
    private let making = Mutex<Void>(())
    /// Held by the one sync at a time, with why there will be none again.
    let syncing = Mutex<JournalError?>(nil)
    let state: Mutex<StreamState>
    /// The end of the last record; read it under the lock to have it of the current segment.
    private let published = Atomic<Int64>(JournalPosition.start.encoded)
    /// Whether no further record is let in.
    let isStopped = Atomic<Bool>(false)

    /// Makes the first segment of a stream.
    init(
        _ number: Int,
        of streamCount: Int,
        identity: JournalIdentity,
        segmentBytes: Int,
        folder: JournalFolder,
        budget: JournalBudget
    ) throws(JournalError) {
        self.number = number
        self.streamCount = streamCount
        self.identity = identity
        self.segmentBytes = segmentBytes
        self.folder = folder
        self.budget = budget
        guard budget.reserve(segmentBytes) else {
            throw JournalError(.full, "no room for \(streamCount) streams")
        }
        let header = SegmentHeader(
            identity: identity, stream: number, streamCount: streamCount, number: 0,
            segmentBytes: segmentBytes)
        state = Mutex(StreamState(try folder.makeSegment(header)))
    }

    var end: JournalPosition {
        // Only positions are published.
        JournalPosition(encoded: published.load(ordering: .acquiring)) ?? .start
    }

    /// Says that the records before a position are written.
    @inline(__always)
    func publish(_ end: JournalPosition) { published.store(end.encoded, ordering: .releasing) }

    var synced: JournalPosition { state.withLock { $0.synced } }

    /// Lets no further record in.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        state.withLock { $0.stop() }
    }

    /// Makes the next segment if it is not there.
    ///
    /// - Parameter early: only when the current one is filled by half.
    /// - Throws: `full` when the journal's bound leaves no room; what the disk says.
    func makeSpare(early: Bool) throws(JournalError) {
        try making.withLock { _ throws(JournalError) in
            let wanted = state.withLock { early && !$0.needsSpare(end) ? nil : $0.missingSpare }
            guard let number = wanted else { return }
            guard number <= Int64(Int32.max), budget.reserve(segmentBytes) else {
                throw JournalError(
                    .full,
                    "the journal has its \(budget.maximumBytes) bytes; it goes on when what is "
                        + "taken over is released")
            }
            let header = SegmentHeader(
                identity: identity, stream: self.number, streamCount: streamCount, number: number,
                segmentBytes: segmentBytes)
            let segment: MappedSegment
            do throws(JournalError) { segment = try folder.makeSegment(header) } catch {
                budget.giveBack(segmentBytes)
                throw error
            }
            state.withLock { $0.install(segment) }
        }
    }

    /// Removes the segments that lie wholly before a position, the oldest first.
    func release(through position: JournalPosition) throws(JournalError) {
        try making.withLock { _ throws(JournalError) in
            while let oldest = state.withLock({ $0.releasable(before: position) }) {
                let name = SegmentName(
                    incarnation: identity.incarnation, stream: number, number: oldest.number)
                try folder.remove(name.text)
                state.withLock { $0.removeOldest() }
                budget.giveBack(segmentBytes)
            }
        }
    }
}
