import ArgumentParser
import Foundation
import StrictJSON
import WeirClient

/// Options of every import.
struct ImportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the failed rows there, each with what is wrong in a last column or member"
                + " \"error\": mend them and import that file.", valueName: "file"),
        completion: .file())
    var errorsOut: String?

    @Option(help: "Requests at a time, 1 to 16.")
    var parallel = 4

    @Flag(
        help: ArgumentHelp(
            "Send nothing, and check only the form of the rows (quotes, JSON, columns or members,"
                + " counts, flags, limits), not what the server checks (ids, names, times, zones,"
                + " plans, meters, tenants, keys)."))
    var dryRun = false

    @OptionGroup var change: ChangeOptions

    /// How long one answer is waited for: a batch is 10,000 rows.
    private static let answerTimeout = Duration.seconds(600)

    func validate() throws {
        guard (1...16).contains(parallel) else {
            throw ValidationError("--parallel must be from 1 to 16.")
        }
    }

    /// Imports a file and shows what became of its rows.
    func run(
        _ source: some ImportSource,
        path: String,
        onConflict: ConflictRule = .skip,
        secretsPath: String? = nil
    ) async throws {
        let file = try ImportFile(path: path)
        for (option, output) in [("--errors-out", errorsOut), ("--secrets-out", secretsPath)] {
            guard let output, file.isSame(as: output) else { continue }
            throw CommandFailure("\(option) is the file that is imported: name another one")
        }
        if let errorsOut, errorsOut == secretsPath {
            throw CommandFailure("--errors-out and --secrets-out are the same file")
        }
        let ledger = try ImportLedger(errorsPath: errorsOut)
        let outcome: Result<Void, any Error>
        do {
            try await Interrupt.cancels {
                var importer = Importer(
                    transport: .none, ledger: ledger, secrets: nil, onConflict: onConflict,
                    reason: change.reason, parallel: parallel)
                if dryRun { return try await follow(importer, source, file) }
                try await change.show.connection.open(
                    connections: parallel, timeout: Self.answerTimeout
                ) { session in
                    try await Self.check(session)
                    // Not before the server has answered: nothing is left behind for nothing.
                    importer.secrets = try secretsPath.map { path throws(CommandFailure) in
                        try SecretsFile(path: path)
                    }
                    importer.transport = .server(
                        session, onConflict: onConflict, reason: change.reason)
                    try await follow(importer, source, file)
                }
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try report(ledger, outcome, path: path)
    }

    /// Fails before anything is read when the server or the token is wrong.
    private static func check(_ session: Session) async throws {
        _ = try await session.value(of: Call.admin(.get, "meters").asking("limit", "1"))
    }

    private func follow(
        _ importer: Importer, _ source: some ImportSource, _ file: ImportFile
    ) async throws {
        let ledger = importer.ledger
        let progress = ProgressPrinter()
        let watch = Task {
            await progress.follow(onlyBar: true) { elapsed in
                let tally = ledger.tally
                return ImportProgress(
                    rows: tally.rows, rowsRead: tally.rowsRead, bytesRead: tally.bytesRead,
                    totalBytes: file.totalBytes, elapsed: elapsed)
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await importer.run(source, from: file))
        } catch {
            result = .failure(error)
        }
        watch.cancel()
        await watch.value
        try result.get()
        if let reason = ledger.stopReason { throw CommandFailure(reason) }
    }

    private func report(
        _ ledger: ImportLedger, _ outcome: Result<Void, any Error>, path: String
    ) throws {
        let tally = ledger.tally
        let shownPath = SafeText.line(path)
        if case .failure(let error) = outcome, tally.rowsRead == 0,
            !(error is CancellationError)
        {
            throw Self.failure(error, shownPath)
        }
        if change.show.json { Terminal.show(tally.json) } else { Terminal.show(tally.text) }
        if let failures = tally.failureText { Terminal.say(failures) }
        switch outcome {
        case .success:
            if dryRun { Terminal.say("a dry run: nothing was sent; created are rows read well") }
            if tally.failed > 0 { throw ExitCode.failure }
        case .failure(let error):
            let isInterrupted = error is CancellationError
            let end = isInterrupted ? "interrupted" : "ended"
            let mended = error is ImportFailure ? " once it is mended" : ""
            Terminal.say(
                "\(end) after \(tally.rows) rows, and nothing is half done: import"
                    + " \(shownPath) again\(mended), and what is there already is skipped.")
            if isInterrupted { throw ExitCode(130) }
            throw Self.failure(error, shownPath)
        }
    }

    private static func failure(_ error: any Error, _ path: String) -> CommandFailure {
        error is ImportFailure ? CommandFailure("\(path), \(error)") : CommandFailure("\(error)")
    }
}
