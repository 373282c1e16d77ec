import QuotaLedger
import Synchronization
import UsageJournal

/// Up to where the journal has to be on the disk before somebody is answered.
struct JournalMark: Hashable, Sendable {
    let stream: Int
    let position: JournalPosition
}

/// The journal of a running node: who writes to it, and who waits for it.
final class NodeJournal: Sendable {
    private typealias Waiter = CheckedContinuation<JournalError?, Never>

    /// One stream.
    private final class Stream: Sendable {
        let queue = Mutex(SyncQueue<Waiter>())
    }

    /// As many requests wait for the disk in a stream as may before no more units are given out;
    /// beyond these wait those who were looked at before, and who end what they hold.
    private static let maximumWaiting = 65_536

    let holder: Holder
    /// What is written to, by one writer for each stream.
    let log: UsageJournal
    private let options: JournalOptions
    private let streams: [Stream]

    init(_ journal: UsageJournal, holder: Holder, options: JournalOptions) {
        self.holder = holder
        log = journal
        self.options = options
        streams = (0..<journal.streamCount).map { _ in Stream() }
    }

    var streamCount: Int { streams.count }

    /// Whether requests are answered when they are on the disk, too.
    var isDurable: Bool { options.durability == .durable }

    // MARK: Syncing

    /// Whether so many wait for the disk that nothing more should be decided.
    func isCrowded(_ stream: Int) -> Bool {
        isDurable && streams[stream].queue.withLock { $0.count } >= Self.maximumWaiting
    }

    /// Waits until a mark is on the disk, where the operator wants that.
    func wait(for mark: JournalMark?) async throws(NodeError) {
        guard let mark, isDurable else { return }
        let error = await withCheckedContinuation { (waiter: Waiter) in
            let arrival = streams[mark.stream].queue
                .withLock { queue in queue.arrive(waiter, for: mark.position) }
            switch arrival {
            case .proceed: waiter.resume(returning: nil)
            case .waitAndSync: options.background { self.syncForWaiting(mark.stream) }
            case .wait: break
            case .fail(let error): waiter.resume(returning: error)
            }
        }
        if let error { throw .journal(error) }
    }

    private func syncForWaiting(_ stream: Int) {
        let waiting = streams[stream]
        while true {
            do throws(JournalError) {
                let position = try log.sync(stream)
                let outcome = waiting.queue.withLock { $0.didSync(through: position) }
                for waiter in outcome.proceeding { waiter.resume(returning: nil) }
                if !outcome.syncsAgain { return }
            } catch {
                tell(error)
                for waiter in waiting.queue.withLock({ $0.didFail(error) }) {
                    waiter.resume(returning: error)
                }
                return
            }
        }
    }

    /// Brings streams to the disk as far as these positions, without holding up a thread that
    /// others need.
    ///
    /// All at once: a disk syncs several files in about the time of one.
    func sync(through positions: [JournalPosition]) async throws(JournalError) {
        let failure = await withTaskGroup(of: JournalError?.self) { group in
            for (stream, position) in positions.enumerated()
            where log.syncedPosition(of: stream) < position {
                group.addTask { [self] in
                    do throws(JournalError) {
                        try await inBackground { [log] () throws(JournalError) in
                            _ = try log.sync(stream)
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    /// Makes room for what is to come.
    func prepare() async throws(JournalError) {
        try await inBackground { [log] () throws(JournalError) in try log.prepare() }
    }

    /// Brings everything to the disk and lets nothing in any more.
    func close() async throws(JournalError) {
        try await inBackground { [log] () throws(JournalError) in try log.close() }
    }

    /// Removes the files of a life that the ledger knows to be over.
    func remove() async throws(JournalError) {
        let (holder, options) = (holder, options)
        try await inBackground { () throws(JournalError) in
            try JournalRecovery.remove(
                holder.incarnation, in: options.folder, files: options.files)
        }
    }

    private func inBackground(
        _ body: @escaping @Sendable () throws(JournalError) -> Void
    ) async throws(JournalError) {
        let error = await withCheckedContinuation { (done: Waiter) in
            options.background {
                do throws(JournalError) {
                    try body()
                    done.resume(returning: nil)
                } catch {
                    done.resume(returning: error)
                }
            }
        }
        guard let error else { return }
        tell(error)
        throw error
    }

    // MARK: Reading

    /// Reads the records between two positions of a stream.
    func read(
        _ stream: Int,
        from first: JournalPosition,
        through last: JournalPosition,
        _ body: (JournalRecord, UnsafeRawBufferPointer, JournalPosition) throws(JournalError) ->
            Void
    ) throws(JournalError) -> JournalPosition {
        try log.read(stream, from: first, through: last, body)
    }

    /// Gives the disk space of what the ledger has taken over free.
    func release(_ stream: Int, through position: JournalPosition) {
        // What can't be removed now can be next time.
        try? log.release(stream, through: position)
    }

    /// Nobody knows what is on a disk that failed: the node has to stop, and to recover.
    func tell(_ error: JournalError) {
        if error.code == .broken || error.code == .damaged { options.onBroken(error) }
    }
}
