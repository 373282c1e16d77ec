import ArgumentParser
import Foundation
import StrictJSON
import WeirClient

/// `weir export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write meters, plans, tenants, keys and what they hold as JSON lines.",
        discussion: """
            One object is on each line: {"kind":"tenant","id":"acme",…}: meters, plans, \
            organizations, tenants, overrides, keys, service keys, what tenants hold of \
            allocations, and top-ups. Keys come with the digests of their credentials, also of a \
            secret that a rotation has replaced and that is accepted still, so that they keep \
            working on a server with the same pepper; keep the file as safe as the server's data. \
            weir import snapshot takes it. What is changed meanwhile may be in it or not.

            --usage adds the units by tenant, key, model, meter and UTC date. What the \
            credits of a date exceed its use without a key by is taken from that of its keys, and \
            what they exceed all its use by is left out.

            Of a top-up it has what is left, and what was left when the period began: an import \
            with --usage grants that, since the use is taken off it again.

            Not in it: hours and single events with their metadata, the number of requests (of \
            api_calls it becomes the units, else 1 for each row), open reservations and what they \
            hold, suspect units, how full rates are, resets, closed periods and what they carried \
            over, what a change of plan added to or took from a running period, webhooks and \
            notifications, idempotency keys, the last use of keys, and the audit list.

            Example:
              weir export -o weir.jsonl
              weir export --usage --from 2026-01-01 > weir.jsonl
            """)

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The file, mode 0600; a pipe or a device is written to (standard output).",
        completion: .file())
    var output: String?

    @Flag(help: "Also what each tenant used by key, model, meter and day.")
    var usage = false

    @Option(help: "With --usage: the first UTC date.")
    var from = "1970-01-01"

    @Option(help: "With --usage: the last UTC date (today).")
    var to: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        do {
            try await Interrupt.cancels {
                try await connection.open { session in try await export(session) }
            }
        } catch is CancellationError {
            Terminal.say("interrupted")
            throw ExitCode(130)
        }
    }

    private func export(_ session: Session) async throws {
        _ = try await session.value(of: Call.admin(.get, "meters").asking("limit", "1"))
        let file = try await OutputFile.open(path: output)
        do {
            try await write(session, to: file)
            try file.finish()
        } catch {
            file.discard()
            throw error
        }
    }

    private func write(_ session: Session, to file: OutputFile) async throws {
        try file.write(ExportPart.header)
        for part in ExportPart.allCases {
            _ = try await session.walk(part.call, limit: nil) { rows in
                try Task.checkCancellation()
                try file.write(rows.flatMap { part.lines($0) })
            }
        }
        guard usage else { return }
        _ = try await session.walk(ExportPart.tenant.call, limit: nil) { tenants in
            for tenant in tenants.compactMap({ $0["id"]?.stringValue }) {
                try Task.checkCancellation()
                let call = Call.admin(.get, "tenants", tenant, "usage").asking("from", from)
                    .asking("to", to).asking("group_by", "day,key,model")
                var lines = UsageLines(tenant: tenant)
                _ = try await session.walk(call, limit: nil) { rows in
                    try file.write(lines.take(rows))
                }
                try file.write(lines.finish())
            }
        }
    }
}
