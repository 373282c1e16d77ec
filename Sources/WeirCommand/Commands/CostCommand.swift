import ArgumentParser
import StrictJSON
import WeirClient

/// `weir cost`.
struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Show what tenants cost, and export all use with its cost.",
        discussion: """
            Example:
              weir cost list --from 2026-11-01 --to 2026-11-30 --by model
            """,
        subcommands: [List.self, Export.self])
}

extension CostCommand {
    /// By what money is summed.
    enum Grouping: String, ExpressibleByArgument, CaseIterable {
        case tenant
        case key
        case model
    }

    /// How rows are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv
        case jsonl

        var mediaType: String {
            switch self {
            case .csv: "text/csv; charset=utf-8"
            case .jsonl: "application/jsonl"
            }
        }
    }

    /// `weir cost list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was spent, by tenant, key or model.",
            discussion: """
                Example:
                  weir cost list --tenant acme --by key
                """)

        @Option(help: "Only this tenant.")
        var tenant: String?

        @Option(help: "The first UTC date (the first of this month).")
        var from: String?

        @Option(help: "The last UTC date (today).")
        var to: String?

        @Option(name: .customLong("by"), help: "tenant, key or model.")
        var grouping: Grouping = .tenant

        @OptionGroup var list: ListOptions

        func call() -> Call {
            Call.admin(.get, "usage", "costs").asking("from", from).asking("to", to)
                .asking("tenant", tenant).asking("group_by", grouping.rawValue)
        }

        var columns: [Column] {
            let group: [Column] =
                switch grouping {
                case .tenant: []
                case .key: [.text("key")]
                case .model: [.text("model")]
                }
            return [.text("tenant")] + group
                + [.number("cost"), .text("currency"), .number("requests")]
        }
    }

    /// `weir cost export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write each use with its cost as CSV or JSON lines.",
            discussion: """
                A row is one posting: units of one meter. Each figure stands in one row alone, so \
                that every column can be summed. What meters that are recorded by the hour have \
                beyond single postings follows by day. In CSV a text that a spreadsheet would \
                take for a formula has an apostrophe in front; JSON lines have it as it is.

                The file appears when it is complete, mode 0600; a pipe or a device is written to.

                Example:
                  weir cost export --from 2026-11-01 --to 2026-11-30 -o november.csv
                  weir cost export --tenant acme --format jsonl > acme.jsonl
                """)

        @Option(help: "Only this tenant.")
        var tenant: String?

        @Option(help: "The first UTC date (the first of this month).")
        var from: String?

        @Option(help: "The last UTC date (today).")
        var to: String?

        @Option(help: "csv or jsonl.")
        var format: Format = .csv

        @Option(
            name: [.customShort("o"), .customLong("output")],
            help: "The file (standard output).", completion: .file())
        var output: String?

        @OptionGroup(title: "Connection") var connection: ConnectionOptions

        func call() -> Call {
            Call.admin(.get, "usage", "export").asking("from", from).asking("to", to)
                .asking("tenant", tenant).asking("format", format.rawValue)
        }

        func run() async throws {
            do {
                // The server reads all of it while it answers.
                try await Interrupt.cancels {
                    try await connection.open(timeout: .seconds(6 * 3_600)) { session in
                        try await export(session)
                    }
                }
            } catch is CancellationError {
                Terminal.say("interrupted")
                throw ExitCode(130)
            }
        }

        private func export(_ session: Session) async throws {
            let file = try await OutputFile.open(path: output)
            do {
                let download = try await session.client.download(
                    call().target, type: format.mediaType
                ) { bytes in
                    try Task.checkCancellation()
                    try file.write(bytes)
                }
                switch download {
                case .complete: break
                case .answer(let answer): throw FailureAdvice.failure(of: answer)
                case .lost(let cause):
                    throw FailureAdvice.failure(lost: cause, url: session.client.url)
                }
                try file.finish()
            } catch {
                file.discard()
                throw error
            }
        }
    }
}
