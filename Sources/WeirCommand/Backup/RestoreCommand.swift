import ArgumentParser
import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel

/// `weir restore`.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a backup the ledger of a data folder.",
        discussion: """
            Verifies the backup like weir verify, and puts it into a data folder in which no \
            server runs; interrupted at any moment, it has happened or it has not. A ledger that \
            is there stays, unless --force replaces it: then it is kept beside, under a name with \
            the date.

            The next start makes it a ledger of a new generation and notes that in the audit list. \
            What was answered after the backup was made is not in it. The peppers of the data \
            folder are not in a backup: put them into the folder too. Where the folder has a \
            journal of the ledger that was there, the start needs --set-aside-journal, once.

            Example:
              weir restore weir.sqlite --data /var/lib/weir
            """)

    @Argument(help: "The file that weir backup wrote.", completion: .file())
    var file: String

    @Option(help: "The data folder (./weir-data). [env: WEIR_DATA]", completion: .directory)
    var data: String?

    @Flag(help: "Replace a ledger that is there, and keep it under another name.")
    var force = false

    func validate() throws {
        guard !file.isEmpty, data?.isEmpty != true else {
            throw ValidationError("FILE and --data must not be empty.")
        }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = VerifyCommand.folder(data, environment: environment)
        let restored: RestoredLedger
        do throws(LedgerError) {
            restored = try LedgerRestorer.restore(
                file, to: folder, replacing: force, now: Timestamp.now())
        } catch {
            throw CommandFailure(SafeText.line(error.message))
        }
        Terminal.show(Self.text(restored, folder: folder))
    }

    /// What a restore came to, for a person.
    static func text(_ restored: RestoredLedger, folder: String) -> String {
        let folder = SafeText.line(folder)
        var text = restored.verification.head.map(LedgerVerification.text) ?? ""
        text += "\nRestored to \(folder); with the next start it becomes generation"
        text += " \(restored.generation).\n"
        if let path = restored.keptPath {
            text += "The ledger that was there is kept as \(SafeText.line(path)).\n"
        }
        if restored.needsPepper {
            text += "The folder has no pepper, and without it no key can be verified: copy"
            text += " pepper-1 (and those after it) of the old folder to \(folder) before the"
            text += " start.\n"
        }
        if restored.hasJournal {
            text +=
                "The journal in \(folder)/journal belongs to the ledger that was there: the next"
            text += " start needs --set-aside-journal, once.\n"
        }
        return text
    }
}
