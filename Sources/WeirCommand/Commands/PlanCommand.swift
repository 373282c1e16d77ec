import ArgumentParser
import StrictJSON

/// `weir plan`.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Define what plans allow.",
        discussion: """
            Example:
              weir plan put -f professional.yaml
            """,
        subcommands: [List.self, Show.self, Put.self, Delete.self])
}

extension PlanCommand {
    /// `weir plan list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List plans.",
            discussion: """
                Example:
                  weir plan list
                """)

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "plans") }

        var columns: [Column] { [.text("id"), .text("name"), .number("weight")] }
    }

    /// `weir plan show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a plan and its limits.",
            discussion: """
                Example:
                  weir plan show free
                """)

        @Argument(help: "The plan's id.")
        var plan: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "plans", plan) }
    }

    /// `weir plan put`.
    struct Put: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a plan, or replace it as a whole.",
            discussion: """
                The file is YAML or JSON with the plan's members, also those of its limits that \
                no option has: what is carried into the next period, and when somebody is told.

                  id: professional
                  weight: 4
                  limits:
                  - meter: ai_tokens
                    window: month
                    limit: 10_000_000
                    rollover: {cap: {percent: 50}, max_age_periods: 2}
                    thresholds: [50, 80, 100]
                  - {meter: api_calls, window: minute, limit: 600}

                Example:
                  weir plan put -f professional.yaml
                """)

        @Option(
            name: [.customShort("f"), .customLong("file")],
            help: "The file; - reads standard input.", completion: .file())
        var file: String

        @OptionGroup var change: ChangeOptions

        func call() throws -> Call {
            let text = try TextFile.read(file)
            return try Self.call(text, path: file).because(change.reason)
        }

        /// The call for a file's text.
        static func call(_ text: String, path: String) throws(CommandFailure) -> Call {
            let plan = try ManifestReader(path: path).single(.plan, text)
            var call = Call.admin(.put, "plans", plan.id)
            call.body = plan.members
            return call
        }
    }

    /// `weir plan delete`.
    struct Delete: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a plan that no tenant is on.",
            discussion: """
                Example:
                  weir plan delete trial --yes
                """)

        @Argument(help: "The plan's id.")
        var plan: String

        @OptionGroup var options: DestructiveOptions

        var question: String { "Delete plan \(SafeText.line(plan))?" }

        func call() -> Call { .admin(.delete, "plans", plan).because(change.reason) }
    }
}
