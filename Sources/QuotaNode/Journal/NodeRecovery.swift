import QuotaLedger
import QuotaModel
import UsageJournal

/// Begins a new life of a node: takes over what its earlier lives left, and makes a journal.
struct NodeRecovery {
    let ledger: any Ledger
    let name: String
    let options: JournalOptions
    let clock: @Sendable () -> Timestamp

    /// A restored ledger does not know which lives came after its backup was made: those of its
    /// generation have numbers of their own.
    private static let livesPerGeneration: Int64 = 1_000_000
    /// How many entries are folded at once.
    private static let entriesPerFold = 65_536
    /// How many records are read at once.
    private static let recordsPerRead = 4_096

    /// Begins a life.
    ///
    /// - Returns: its journal.
    /// - Throws: what keeps the node from starting: a journal that can't be used, or a ledger that
    ///   does not know of it.
    func begin() async throws(LedgerError) -> NodeJournal {
        do { return try await takeOver() } catch let error as JournalError {
            throw LedgerError(.broken, "\(error)")
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.invariant, "\(error)")
        }
    }

    private func takeOver() async throws -> NodeJournal {
        let found = try JournalRecovery.incarnations(in: options.folder, files: options.files)
        let generation = try await ledger.setting("generation").flatMap { Int64($0) } ?? 1
        // Before there were holders, a setting counted the lives.
        let counted = try await ledger.setting("incarnation").flatMap { Int64($0) } ?? 0
        let command = BeginHolderCommand(
            name: name, newestKnown: found.max() ?? 0,
            first: max((generation - 1) * Self.livesPerGeneration, counted) + 1)
        guard case .begun(let begun) = try await ledger.commit([.beginHolder(command)]).first else {
            try setAside(because: unknownLife(command.newestKnown))
            return try await takeOver()
        }
        let unended = begun.unended.map(\.id.incarnation)
        let surveyed = Result { () throws(JournalError) in
            try survey(
                begun.unended.filter { found.contains($0.id.incarnation) },
                finished: found.subtracting(unended), generation: generation)
        }
        if case .failure(let error) = surveyed, error.code == .generation {
            try setAside(because: error)
            return try await takeOver()
        }
        let recovery = try surveyed.get()
        for life in begun.unended {
            let found = recovery.lives.first {
                $0.identity.incarnation == life.id.incarnation
            }
            // The journals of a restored ledger's lives are where its backup was made.
            let isRestored =
                life.id.incarnation <= (generation - 1) * Self.livesPerGeneration
            try await end(life, found, mayBeMissing: isRestored)
        }
        // The ledger has all that they held.
        for incarnation in found { try recovery.remove(incarnation) }
        return try makeJournal(begun.holder, generation: generation)
    }

    private func makeJournal(
        _ holder: Holder,
        generation: Int64
    ) throws(JournalError) -> NodeJournal {
        let journal = try UsageJournal(
            folder: options.folder,
            identity: JournalIdentity(
                node: holder.name, incarnation: holder.incarnation, boot: options.boot,
                generation: generation, isDurable: options.durability == .durable),
            streamCount: options.streamCount, segmentBytes: options.segmentBytes,
            maximumBytes: options.maximumBytes, files: options.files)
        return NodeJournal(journal, holder: holder, options: options)
    }

    private func survey(
        _ unended: [UnendedHolder],
        finished: Set<Int64>,
        generation: Int64
    ) throws(JournalError) -> JournalRecovery {
        var stored: [JournalRecovery.Stream: JournalPosition] = [:]
        for life in unended {
            for (stream, position) in life.positions {
                let key = JournalRecovery.Stream(
                    incarnation: life.id.incarnation, stream: stream)
                stored[key] = JournalPosition(encoded: position)
            }
        }
        return try JournalRecovery(
            folder: options.folder,
            known: JournalRecovery.Known(
                boot: options.boot, generation: generation, stored: stored, finished: finished),
            files: options.files)
    }

    // MARK: Earlier lives

    /// Brings a life to its end, with what is left of its journal.
    private func end(
        _ life: UnendedHolder,
        _ found: JournalRecovery.Life?,
        mayBeMissing: Bool
    ) async throws {
        var evidence = JournalEvidence.complete
        if let found {
            try await replay(found, of: life)
            let isComplete =
                found.identity.isDurable
                || found.streams.allSatisfy { $0.completeness == .complete }
            evidence = isComplete ? .complete : .incomplete
        } else if !life.leases.isEmpty || !life.reservations.isEmpty {
            guard mayBeMissing || options.givesUpOtherHistories else { throw missing(life.id) }
            evidence = .incomplete
        }
        let command = EndHolderCommand(holder: life.id, evidence: evidence)
        try await ledger.change(.endHolder(command))
    }

    private func replay(_ found: JournalRecovery.Life, of life: UnendedHolder) async throws {
        var fold = JournalFold(recovering: life)
        for stream in found.streams {
            var decoder = JournalDecoder(holder: life.id)
            // Names that later records refer to may stand before what is stored.
            let records = stream.records(fromSegmentStart: true)
            var (told, reached, count) = (stream.stored, stream.stored, 0)
            var isAtEnd = false
            while !isAtEnd {
                let read = try records.next(Self.recordsPerRead) {
                    (record, bytes, position) throws(JournalError) in
                    let entry = try decoder.take(record, bytes, endingAt: position)
                    guard let entry, position > stream.stored else { return }
                    fold.add(entry)
                    (reached, count) = (position, count + 1)
                }
                isAtEnd = read == 0
                guard reached > told, isAtEnd || count >= Self.entriesPerFold else { continue }
                let range = StreamRange(
                    stream: stream.number, from: told.stored, through: reached.stored)
                try await send(fold.command([range]))
                (told, count) = (reached, 0)
            }
        }
    }

    private func send(_ command: FoldCommand) async throws(LedgerError) {
        let answer = try await ledger.commit([.fold(command)]).first
        guard case .folded(.folded) = answer else {
            throw LedgerError(
                .invariant,
                "the ledger does not take the journal of \(command.holder.name), incarnation "
                    + "\(command.holder.incarnation): \(String(describing: answer))")
        }
    }

    // MARK: Other histories

    /// Moves the journal out of the way, where the operator said that the ledger's history holds.
    private func setAside(because error: JournalError) throws(JournalError) {
        guard options.givesUpOtherHistories else { throw error }
        let target = "\(options.folder)-until-\(clock().nanoseconds / 1_000_000_000)"
        do throws(SystemCallError) { try options.files.rename(options.folder, to: target) } catch {
            throw JournalError(
                .unusableFolder, "can't be moved to \(target): \(error)", file: options.folder)
        }
    }

    private func unknownLife(_ incarnation: Int64) -> JournalError {
        JournalError(
            .generation,
            "the journal is of incarnation \(incarnation) of node \"\(name)\", of which the ledger "
                + "does not know: it is an older copy. Put the newer ledger back, or start with "
                + "--set-aside-journal to go on with this one", file: options.folder)
    }

    private func missing(_ holder: Holder) -> JournalError {
        JournalError(
            .damaged,
            "the journal of incarnation \(holder.incarnation) of node \"\(name)\" is missing, and "
                + "the ledger has not taken all of it over. Put it back, or start with "
                + "--set-aside-journal: what it may have used becomes suspect",
            file: options.folder)
    }
}
