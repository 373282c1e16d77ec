import StrictJSON
import Synchronization
import WeirClient

/// Sends what a source reads, several requests at a time.
struct Importer: Sendable {
    /// How long is waited in all between the tries of a batch before the import ends.
    static let patience = Duration.seconds(60)

    var transport: ImportTransport
    let ledger: ImportLedger
    var secrets: SecretsFile?
    let onConflict: ConflictRule
    let reason: String?
    /// The most requests at a time.
    let parallel: Int

    /// Imports a whole file; ends early when the server refuses it or the task is cancelled.
    ///
    /// What is under way is waited for in any case: its answer may have new secrets.
    func run(_ source: some ImportSource, from file: ImportFile) async throws {
        var source = source
        try await withThrowingTaskGroup(of: Void.self) { group in
            var feeder = Feeder(importer: self)
            do {
                while try await feeder.step(&source, file, &group) {}
            } catch {
                // The rows before the error were read well.
                try await feeder.flush(&group)
                while try await group.next() != nil {}
                throw error
            }
            try await feeder.flush(&group)
            while try await group.next() != nil {}
        }
    }

    /// Sends a batch until it is done or given up, and ends the part of the file that it is of;
    /// a cancellation does not reach into it.
    ///
    /// `failures` are rows of the part that have failed before.
    func send(_ batch: ImportBatch, part: Int, _ failures: [ImportTally.Failure]) async {
        await Task {
            let failed = await deliver(batch)
            ledger.finish(part, failures + failed)
        }
        .value
    }

    /// Answers what failed.
    private func deliver(_ batch: ImportBatch) async -> [ImportTally.Failure] {
        var batch = batch
        var failures: [ImportTally.Failure] = []
        var backoff = Backoff()
        var waited = Duration.zero
        while batch.count > 0 {
            if ledger.stopReason != nil { break }
            let body = batch.body(onConflict: onConflict, reason: reason)
            let reply = await transport.post(batch, body)
            switch ImportVerdict(reply, to: batch, url: transport.url) {
            case .done(let answer):
                take(answer)
                return failures + answer.failed.map { batch.failure($0.index, $0.detail) }
            case .refuses(let index, let detail):
                failures.append(batch.failure(index, detail))
                batch = batch.removing(index)
            case .again(let why):
                guard waited < Self.patience else {
                    ledger.stop(why)
                    break
                }
                let wait = backoff.next(jitter: .random(in: 0...1))
                waited += wait
                await transport.pause(wait)
            case .unknown(let why):
                let detail =
                    "the answer was lost: if the key exists now, get it a new secret with"
                    + " `weir key rotate`"
                ledger.stop(why)
                return failures + batch.lines.indices.map { batch.failure($0, detail) }
            case .stop(let why): ledger.stop(why)
            }
        }
        return failures
    }

    private func take(_ answer: ImportAnswer) {
        // First the secrets: they are the one thing that cannot be asked for again.
        if !answer.keys.isEmpty {
            if let secrets {
                if !secrets.write(answer.keys) {
                    ledger.stop("--secrets-out cannot be written, and no more secrets are made")
                }
            } else {
                Terminal.say("new secrets, shown this once:")
                for key in answer.keys {
                    Terminal.say(String(decoding: SafeJSON.encoded(key), as: UTF8.self))
                }
            }
        }
        ledger.update { tally in
            tally.created += answer.created
            tally.updated += answer.updated
            tally.skipped += answer.skipped
            tally.warn(answer.warnings)
        }
    }

    /// Sends one object of a snapshot; answers what is wrong with it, nil where it is done.
    func change(_ entry: ManifestEntry) async -> String? {
        do {
            let outcome = try await transport.change(entry)
            ledger.update { tally in
                switch outcome {
                case .created: tally.created += 1
                case .updated: tally.updated += 1
                case .skipped: tally.skipped += 1
                }
            }
            return nil
        } catch {
            // What follows is advice for a single change.
            let what = error.description.split(separator: "\n").first ?? ""
            return "\(entry.title): \(what)"
        }
    }
}
