import ArgumentParser
import QuotaLedger
import WeirClient

/// `weir backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a copy of a running server's whole ledger to a file.",
        discussion: """
            The copy is an SQLite database, complete by itself, as the ledger stood at one moment; \
            the server goes on deciding meanwhile. weir restore takes it, and weir verify --file \
            checks it. Not in it are the peppers of the data folder, without which no key can be \
            verified: keep a copy of them elsewhere. With the copy alone nobody can make a key, \
            but it says who uses what: keep it as safe as the server's data.

            The file appears when it is complete, mode 0600. A file that is there is not replaced \
            without --force; a pipe or a device is written to. The ends of both chains are shown, \
            to be noted where nobody who writes to the data folder can write.

            Example:
              weir backup weir.sqlite
              weir backup /backups/weir.sqlite --force
            """)

    @Argument(help: "The file; - is standard output.", completion: .file())
    var file: String

    @Flag(help: "Replace the file if it is there.")
    var force = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("FILE must not be empty.") }
    }

    func run() async throws {
        do {
            // The server makes all of the copy before it answers.
            try await Interrupt.cancels {
                try await connection.open(timeout: .seconds(6 * 3_600)) { session in
                    try await backUp(session)
                }
            }
        } catch is CancellationError {
            Terminal.say("interrupted")
            throw ExitCode(130)
        }
    }

    private func backUp(_ session: Session) async throws {
        let output = try await OutputFile.open(path: file, .backup(replaces: force))
        let receipt: BackupReceipt
        do {
            let download = try await session.client.download(
                Call.admin(.get, "backup").target, type: "application/vnd.sqlite3"
            ) { bytes in
                try Task.checkCancellation()
                try output.write(bytes)
            }
            switch download {
            case .complete(let bytes, let headers):
                receipt = try BackupReceipt(bytes: bytes, headers: headers)
            case .answer(let answer): throw FailureAdvice.failure(of: answer)
            case .lost(let cause):
                throw FailureAdvice.failure(lost: cause, url: session.client.url)
            }
            try output.finish()
        } catch {
            output.discard()
            throw error
        }
        if output.isStandardOutput {
            Terminal.say(receipt.text, terminator: "")
        } else {
            Terminal.show(receipt.text)
        }
    }
}
