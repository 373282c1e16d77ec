import QuotaLedger
import QuotaModel
import UsageJournal

/// Brings the journal of a running node into the ledger, one part after the other.
///
/// A part is on the disk before the ledger is told of it. What the ledger could not take is told
/// again, as it was.
actor JournalFolder {
    private let journal: NodeJournal
    private let ledger: any Ledger
    private var fold: JournalFold
    private var decoders: [JournalDecoder]
    /// What the ledger has taken over.
    private var folded: [JournalPosition]
    /// What the ledger was told, and has not answered.
    private var pending: (command: FoldCommand, ends: [JournalPosition])?
    private var current: Task<Void, any Error>?
    private var next: Task<Void, any Error>?

    init(_ journal: NodeJournal, ledger: any Ledger) {
        self.journal = journal
        self.ledger = ledger
        fold = JournalFold(holder: journal.holder)
        decoders = (0..<journal.streamCount).map { _ in JournalDecoder(holder: journal.holder) }
        folded = Array(repeating: .start, count: journal.streamCount)
    }

    /// Folds everything that was written before the call.
    ///
    /// - Parameter manager: learns what the ledger says.
    /// - Throws: what journal or ledger say; it is tried again with the next call.
    func foldAll(_ manager: LeaseManager) async throws(NodeError) {
        let task = next ?? follow(manager)
        do { try await task.value } catch let error as NodeError { throw error } catch {
            throw .ledger(LedgerError(.invariant, "\(error)"))
        }
    }

    /// The run that begins when the one under way is over: it finds all that is written until then.
    private func follow(_ manager: LeaseManager) -> Task<Void, any Error> {
        let earlier = current
        let task = Task {
            _ = try? await earlier?.value
            begin()
            try await run(manager)
        }
        next = task
        return task
    }

    private func begin() {
        current = next
        next = nil
    }

    private func run(_ manager: LeaseManager) async throws(NodeError) {
        let goal = journal.ends(after: folded)
        var target = goal
        while true {
            if pending == nil {
                do throws(JournalError) { try read(through: target, manager) } catch {
                    journal.tell(error)
                    throw .journal(error)
                }
            }
            guard let (command, ends) = pending else { return }
            do throws(JournalError) { try await journal.sync(through: ends) } catch {
                throw .journal(error)
            }
            try await send(command, ends, manager)
            target = journal.ends(after: folded)
            // What came after the goal is the affair of the next run.
            if zip(folded, goal).allSatisfy({ $0 >= $1 }) { return }
        }
    }

    /// Sums up what lies before the ends; leaves `pending` empty when that is nothing.
    private func read(
        through ends: [JournalPosition],
        _ manager: LeaseManager
    ) throws(JournalError) {
        var ranges: [StreamRange] = []
        var reached = folded
        for (stream, end) in ends.enumerated() where folded[stream] < end {
            reached[stream] = try read(stream, through: end)
            ranges.append(
                StreamRange(
                    stream: stream, from: folded[stream].stored, through: reached[stream].stored))
        }
        let buckets = manager.takeChangedBuckets()
        if ranges.isEmpty, buckets.isEmpty { return }
        pending = (fold.command(ranges, buckets: buckets), reached)
    }

    private func read(
        _ stream: Int,
        through end: JournalPosition
    ) throws(JournalError) -> JournalPosition {
        var (decoder, sum) = (decoders[stream], fold)
        let reached = try journal.read(stream, from: folded[stream], through: end) {
            (record, bytes, position) throws(JournalError) in
            if let entry = try decoder.take(record, bytes, endingAt: position) { sum.add(entry) }
        }
        (decoders[stream], fold) = (decoder, sum)
        return reached
    }

    private func send(
        _ command: FoldCommand,
        _ ends: [JournalPosition],
        _ manager: LeaseManager
    ) async throws(NodeError) {
        let sentAt = manager.steadyClock()
        let answer: LedgerAnswer?
        do throws(LedgerError) { answer = try await ledger.commit([.fold(command)]).first } catch {
            throw .ledger(error)
        }
        guard case .folded(.folded(let snapshots, let epoch)) = answer else {
            throw .ledger(
                LedgerError(
                    .invariant,
                    "the ledger does not take the journal: \(String(describing: answer))"))
        }
        pending = nil
        folded = ends
        manager.didFold(command, snapshots, epoch: epoch, sentAt: sentAt)
        for (stream, end) in ends.enumerated() { journal.release(stream, through: end) }
    }
}

extension JournalPosition {
    /// As the ledger stores it; nothing is stored of a stream before its first record.
    var stored: Int64 { self == .start ? 0 : encoded }
}
