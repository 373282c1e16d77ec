import Synchronization

extension JournalStream {
    /// Brings what was appended before the call to the disk, the older segments first.
    ///
    /// - Throws: `broken` when a sync fails, and whenever one has failed before.
    func sync() throws(JournalError) -> JournalPosition {
        try onlySync { () throws(JournalError) in try syncAppended() }
    }

    /// Brings everything to the disk, and the mark that nothing follows; the stream is stopped.
    func close() throws(JournalError) {
        try onlySync { () throws(JournalError) in
            _ = try syncAppended()
            let (segment, end) = state.withLock { ($0.current, self.end) }
            try mark(segment, end.offset, isClean: true)
            try sync(segment)
        }
    }

    /// Runs the one sync at a time; after one that failed, none.
    private func onlySync<Result: Sendable>(
        _ body: () throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        try syncing.withLock { failure throws(JournalError) in
            if let failure { throw failure }
            do throws(JournalError) {
                return try body()
            } catch {
                // Noted under the lock: whoever waits for it must not try again.
                failure = error
                throw error
            }
        }
    }

    private func syncAppended() throws(JournalError) -> JournalPosition {
        let (work, end, synced) = state.withLock { state in
            let end = self.end
            return (state.unsynced(end), end, state.synced)
        }
        guard end > synced else { return synced }
        for (segment, end) in work {
            try sync(segment)
            try mark(segment, end, isClean: false)
        }
        state.withLock { $0.didSync(end) }
        return end
    }

    private func sync(_ segment: MappedSegment) throws(JournalError) {
        do { try segment.sync() } catch { throw folder.broken(error, segment.path) }
    }

    /// Writes a mark; one before it that can't be read means that our memory was written to.
    private func mark(
        _ segment: MappedSegment,
        _ offset: Int,
        isClean: Bool
    ) throws(JournalError) {
        do { try segment.mark(offset, isClean: isClean) } catch {
            throw JournalError(
                .broken, "the mapped file was changed: \(error.message)", file: segment.path,
                offset: error.offset)
        }
    }
}
