import ArgumentParser
import Foundation
import QuotaModel

/// `weir apply`: makes the server have what a file says.
struct ApplyCommand: AsyncParsableCommand {
    /// The exit code of a dry run that found something to do.
    static let pending = ExitCode(3)

    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Create and change meters, plans, organizations, tenants and overrides.",
        discussion: """
            The file is YAML with the lists meters:, plans:, organizations:, tenants: and \
            overrides:, whose members are those of the API. What differs is shown and asked \
            about, then done. Members that the file does not name, or calls null where null is no \
            value, stay as they are, and nothing is ever deleted; only the limits of a plan or an \
            organization are replaced as a list. What the server would refuse is found before \
            anything is changed.

            A tenant whose plan is to change to the one in the file is as it should be: a smaller \
            plan acts when the billing period ends, unless plan_at says now. A trial that has \
            ended asks for nothing more, and a scheduled_plan whose time has come is the plan. \
            Overrides of one limit are told apart by their starts_at.

              meters:
              - {id: gpu_seconds, kind: counter, record: hourly}
              plans:
              - id: team
                weight: 2
                limits:
                - {meter: ai_tokens, window: month, limit: 5_000_000}
              tenants:
              - {id: acme, plan: team, time_zone: Africa/Lagos}
              - {id: globex, plan: free, trial: {plan: team, ends_at: 2027-01-15T00:00:00Z}}
              overrides:
              - {tenant: acme, meter: ai_tokens, window: month, limit: 6_000_000}
              - tenant: acme
                meter: ai_tokens
                window: month
                starts_at: 2027-02-01T00:00:00Z
                multiplier_percent: 150
                author: sales

            Exit codes of --dry-run: 0 nothing to do, 3 changes pending.

            Example:
              weir apply -f plans.yaml --dry-run
              weir apply -f plans.yaml --yes --reason "price list of May"
            """)

    @Option(
        name: [.customShort("f"), .customLong("file")], help: "The file; - reads standard input.",
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Flag(help: "Show what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup var options: DestructiveOptions

    func run() async throws {
        let entries = try ManifestReader(path: file).entries(TextFile.read(file))
        try await options.change.show.connection.open { session in
            let applier = Applier(session: session, reason: options.change.reason)
            let now = Timestamp.now()
            let diff = try await applier.compare(entries, now: now)
            let isJSON = options.change.show.json
            Terminal.show(isJSON ? String(decoding: diff.json, as: UTF8.self) : diff.text)
            if diff.steps.isEmpty { return }
            try await applier.check(diff, entries, path: file, now: now)
            if dryRun { throw Self.pending }
            try Confirmation.require("Do this (\(diff.summary))?", isConfirmed: options.isConfirmed)
            try await applier.act(on: diff)
            Terminal.say("done: \(diff.steps.count) applied")
        }
    }
}
