import ArgumentParser
import Foundation
import LedgerSQLite
import QuotaLedger

/// `weir verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the ledger of a data folder against its own log.",
        discussion: """
            Reads all of the ledger as it stands at one moment, while its server runs or not, and \
            writes nothing to it. Checked are the chains of the entries and of the audit list, \
            that the entries add up to the balances, that grants, events, hours and days add up, \
            and with --expect that a hash noted before is still part of a chain: only that finds \
            a log that somebody cut or wrote anew as a whole.

            The exit code is 1 where something differs, and the first difference of each check is \
            shown. While it reads, the log of a running server grows.

            Example:
              weir verify --data /var/lib/weir
              weir verify --file weir.sqlite
            """)

    @Option(help: "The data folder (./weir-data). [env: WEIR_DATA]", completion: .directory)
    var data: String?

    @Option(help: "A backup to check, in place of a data folder.", completion: .file())
    var file: String?

    @Option(
        name: .customLong("expect"),
        help: ArgumentHelp(
            "A head that was noted before, 64 hexadecimal digits; can be repeated.",
            valueName: "hash"))
    var expected: [HashArgument] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard file == nil || data == nil else {
            throw ValidationError("--file and --data exclude each other.")
        }
        guard file?.isEmpty != true else {
            throw ValidationError("--file must not be empty: name a backup.")
        }
        guard data?.isEmpty != true else {
            throw ValidationError("--data must not be empty: name the server's data folder.")
        }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let verification =
            try file.map { try Self.verification(ofFile: $0, expecting: expected) }
            ?? Self.verification(
                of: Self.folder(data, environment: environment), expecting: expected)
        Terminal.show(json ? SafeJSON.line(verification.json) : Array(verification.text.utf8))
        if !verification.isFine { throw ExitCode.failure }
    }

    /// The folder that is meant, found like a server finds it.
    static func folder(_ option: String?, environment: [String: String]) -> String {
        if let option { return option }
        return environment["WEIR_DATA"].flatMap { $0.isEmpty ? nil : $0 } ?? "./weir-data"
    }

    /// What is found in a backup; what can't be checked is a failure in words.
    static func verification(
        ofFile path: String,
        expecting hashes: [HashArgument]
    ) throws -> LedgerVerification {
        do {
            return try LedgerVerifier.verify(file: path, expecting: hashes.map(\.bytes))
        } catch {
            throw CommandFailure(SafeText.line(error.message))
        }
    }

    /// What is found in a folder; what can't be checked is a failure in words.
    static func verification(
        of folder: String,
        expecting hashes: [HashArgument]
    ) throws -> LedgerVerification {
        do {
            return try LedgerVerifier.verify(folder: folder, expecting: hashes.map(\.bytes))
        } catch {
            throw CommandFailure(SafeText.line(error.message))
        }
    }
}
