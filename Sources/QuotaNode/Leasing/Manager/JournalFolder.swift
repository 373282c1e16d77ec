import QuotaLedger
import QuotaModel
import UsageJournal

/// Brings the journal of a running node into the ledger, one part after the other.
///
/// A part is on the disk before the ledger is told of it. What the ledger could not take is told
/// again, as it was. While the ledger commits one part, the next is summed up.
actor JournalFolder {
    private struct Part {
        let command: FoldCommand
        let ends: [JournalPosition]
    }

    private let journal: NodeJournal
    private let ledger: any Ledger
    private var fold: JournalFold
    private var decoders: [JournalDecoder]
    /// What the ledger has taken over.
    private var folded: [JournalPosition]
    /// How far it is summed up.
    private var reached: [JournalPosition]
    /// What the ledger has not answered, at most two.
    private var pending: [Part] = []
    private var current: Task<Void, any Error>?
    private var next: Task<Void, any Error>?

    init(_ journal: NodeJournal, ledger: any Ledger) {
        self.journal = journal
        self.ledger = ledger
        fold = JournalFold(holder: journal.holder)
        decoders = (0..<journal.streamCount)
            .map { _ in JournalDecoder(holder: journal.holder, isSumming: true) }
        folded = Array(repeating: .start, count: journal.streamCount)
        reached = folded
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

    /// Whether the ledger has all that was written.
    func isComplete(_ manager: LeaseManager) -> Bool { folded.isThrough(manager.ends) }

    private func begin() {
        current = next
        next = nil
    }

    private func run(_ manager: LeaseManager) async throws(NodeError) {
        let goal = manager.ends
        repeat {
            if pending.isEmpty { try readPart(manager) }
            guard let part = pending.first else { return }
            do throws(JournalError) { try await journal.sync(through: part.ends) } catch {
                throw .journal(error)
            }
            let sentAt = manager.steadyClock()
            async let answer = ledger.commit([.fold(part.command)]).first
            // What came after the goal is the affair of the next run.
            let next = Result { () throws(NodeError) in
                if pending.count == 1, !reached.isThrough(goal) { try readPart(manager) }
            }
            do { try take(try await answer, to: part, manager, sentAt: sentAt) } catch {
                throw error as? NodeError
                    ?? .ledger(error as? LedgerError ?? LedgerError(.invariant, "\(error)"))
            }
            try next.get()
        } while !folded.isThrough(goal)
    }

    /// Sums up what follows, where something does.
    private func readPart(_ manager: LeaseManager) throws(NodeError) {
        do throws(JournalError) {
            var ranges: [StreamRange] = []
            var ends = reached
            for (stream, end) in manager.ends(after: reached).enumerated()
            where reached[stream] < end {
                ends[stream] = try read(stream, through: end)
                ranges.append(
                    StreamRange(
                        stream: stream, from: reached[stream].stored, through: ends[stream].stored))
            }
            if ranges.isEmpty { return }
            let buckets = manager.takeChangedBuckets()
            pending.append(Part(command: fold.command(ranges, buckets: buckets), ends: ends))
            reached = ends
        } catch {
            journal.tell(error)
            throw .journal(error)
        }
    }

    private func read(
        _ stream: Int,
        through end: JournalPosition
    ) throws(JournalError) -> JournalPosition {
        // Taken out, so that nothing of them is copied.
        var (decoder, sum) = (decoders[stream], fold)
        decoders[stream] = JournalDecoder(holder: journal.holder)
        fold = JournalFold(holder: journal.holder)
        defer { (decoders[stream], fold) = (decoder, sum) }
        let reached = try journal.read(stream, from: reached[stream], through: end) {
            (record, bytes, position) throws(JournalError) in
            if let entry = try decoder.take(record, bytes, endingAt: position) { sum.add(entry) }
        }
        for entry in decoder.takeSums() { sum.add(entry) }
        return reached
    }

    /// Takes in what the ledger says to a part.
    private func take(
        _ answer: LedgerAnswer?,
        to part: Part,
        _ manager: LeaseManager,
        sentAt: Timestamp
    ) throws(NodeError) {
        guard case .folded(.folded(let snapshots, let epoch)) = answer else {
            throw .ledger(
                LedgerError(
                    .invariant,
                    "the ledger does not take the journal: \(String(describing: answer))"))
        }
        pending.removeFirst()
        folded = part.ends
        manager.didFold(part.command, snapshots, epoch: epoch, sentAt: sentAt)
        for (stream, end) in part.ends.enumerated() { journal.release(stream, through: end) }
    }
}

extension [JournalPosition] {
    /// Whether each stream has come as far as in others.
    fileprivate func isThrough(_ others: Self) -> Bool { zip(self, others).allSatisfy { $0 >= $1 } }
}

extension JournalPosition {
    /// As the ledger stores it; nothing is stored of a stream before its first record.
    var stored: Int64 { self == .start ? 0 : encoded }
}
