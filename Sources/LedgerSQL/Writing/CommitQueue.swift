/// The order of commits: what waits, and whether the writer is at work.
///
/// While the writer syncs one group to the disk, the next one gathers here; that is all there is to
/// group commit.
package struct CommitQueue<Job> {
    /// The most jobs that wait; more are refused, so that an overloaded disk does not fill the
    /// memory.
    package static var maximumWaiting: Int { 65_536 }
    /// The most jobs in one transaction.
    package static var maximumGroup: Int { 1_024 }

    package enum Admission {
        /// The job waits; the caller has to start the writer.
        case startWriter
        /// The job waits; the writer will come to it.
        case queued
        /// Too many jobs wait, or the queue is closed.
        case refused
    }

    private var waiting: [Job] = []
    private var writerIsRunning = false
    private var isClosed = false

    package init() {}

    /// Appends a job.
    package mutating func append(_ job: Job) -> Admission {
        guard !isClosed, waiting.count < Self.maximumWaiting else { return .refused }
        waiting.append(job)
        if writerIsRunning { return .queued }
        writerIsRunning = true
        return .startWriter
    }

    /// The next group for the writer; empty when there is none, and then the writer stops.
    package mutating func nextGroup() -> [Job] {
        guard waiting.count > Self.maximumGroup else {
            let group = waiting
            waiting = []
            writerIsRunning = !group.isEmpty
            return group
        }
        let group = Array(waiting.prefix(Self.maximumGroup))
        waiting.removeFirst(Self.maximumGroup)
        return group
    }

    /// Takes the writer for what need not be queued; false when it is at work, or the queue closed.
    package mutating func takeWriter() -> Bool {
        guard !isClosed, !writerIsRunning else { return false }
        writerIsRunning = true
        return true
    }

    /// Gives back the writer that was taken.
    ///
    /// - Returns: whether jobs have come meanwhile, and the caller has to start the writer.
    package mutating func giveWriterBack() -> Bool {
        writerIsRunning = !waiting.isEmpty
        return writerIsRunning
    }

    /// Takes no more jobs; those that wait are still done.
    ///
    /// - Returns: whether the queue was open until now.
    package mutating func close() -> Bool {
        defer { isClosed = true }
        return !isClosed
    }
}
