/// The segments of a stream, under its lock.
struct StreamState: ~Copyable {
    /// A segment that gets no further records.
    struct Sealed: Sendable {
        let segment: MappedSegment
        let recordsEnd: Int
        /// The end with the slot of the seal.
        var end: Int { recordsEnd + SegmentLayout.slotBytes }
    }

    private(set) var current: MappedSegment
    /// The current segment's number.
    var number: Int64 { current.number }
    /// The next segment, empty.
    private(set) var spare: MappedSegment?
    /// The earlier ones that are not released, oldest first.
    private(set) var sealed: [Sealed] = []
    /// Before it, everything is on the disk.
    private(set) var synced = JournalPosition.start
    private(set) var isStopped = false

    init(_ first: MappedSegment) {
        current = first
    }

    /// Whether a spare segment would be of use soon: half of the current one is filled.
    func needsSpare(_ end: JournalPosition) -> Bool {
        spare == nil && !isStopped && end.offset > current.region.count / 2
    }

    /// The number of the segment to make next; nil when there is one or none is wanted.
    var missingSpare: Int64? { spare == nil && !isStopped ? number + 1 : nil }

    mutating func install(_ segment: MappedSegment) {
        spare = segment
    }

    /// Goes on in the spare segment; answers false, and nothing happened, when there is none.
    ///
    /// The writer seals the one before.
    mutating func turn(recordsEnd: Int) -> Bool {
        guard let next = spare else { return false }
        sealed.append(Sealed(segment: current, recordsEnd: recordsEnd))
        current = next
        spare = nil
        return true
    }

    mutating func stop() { isStopped = true }

    /// What has to be synced, oldest first, each segment with its end.
    func unsynced(_ end: JournalPosition) -> [(segment: MappedSegment, end: Int)] {
        sealed.filter { $0.segment.number >= synced.segment }.map { ($0.segment, $0.end) }
            + [(current, end.offset)]
    }

    mutating func didSync(_ position: JournalPosition) {
        synced = max(synced, position)
    }

    /// The oldest segment, when it lies wholly before a position and is synced with its seal.
    func releasable(before position: JournalPosition) -> MappedSegment? {
        guard let oldest = sealed.first?.segment else { return nil }
        return oldest.number < min(position.segment, synced.segment) ? oldest : nil
    }

    mutating func removeOldest() {
        sealed.removeFirst()
    }

    /// The segments from one position to another, with where their records end.
    func segments(
        from first: JournalPosition,
        through last: JournalPosition,
        end: JournalPosition
    ) -> [(segment: MappedSegment, recordsEnd: Int)] {
        let numbers = first.segment...max(first.segment, last.segment)
        var result = sealed.filter { numbers ~= $0.segment.number }
            .map { ($0.segment, $0.recordsEnd) }
        if numbers ~= number { result.append((current, end.offset)) }
        return result
    }
}
