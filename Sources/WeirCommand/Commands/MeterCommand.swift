import ArgumentParser
import StrictJSON

/// `weir meter`.
struct MeterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter",
        abstract: "Define what is counted.",
        discussion: """
            Example:
              weir meter create gpu_seconds --kind counter
            """,
        subcommands: [List.self, Show.self, Create.self, Update.self])

    /// How a meter counts.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case counter
        case allocation
    }

    /// How its use is kept.
    enum Record: String, ExpressibleByArgument, CaseIterable {
        case event
        case hourly
    }
}

extension MeterCommand {
    /// `weir meter list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List meters.",
            discussion: """
                Example:
                  weir meter list
                """)

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "meters") }

        var columns: [Column] { [.text("id"), .text("kind"), .text("record")] }
    }

    /// `weir meter show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a meter.",
            discussion: """
                Example:
                  weir meter show ai_tokens
                """)

        @Argument(help: "The meter's id.")
        var meter: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "meters", meter) }
    }

    /// `weir meter create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a meter.",
            discussion: """
                A counter starts anew with each period; of an allocation units are given back.

                Example:
                  weir meter create gpu_seconds --kind counter --record hourly
                """)

        @Argument(help: "The meter's id.")
        var meter: String

        @Option(help: "counter or allocation.")
        var kind: Kind = .counter

        @Option(help: "event: each use by itself, or hourly: sums by key and model (event).")
        var record: Record?

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.post, "meters").with("id", text: meter).with("kind", text: kind.rawValue)
                .with("record", text: record?.rawValue).because(change.reason)
        }
    }

    /// `weir meter update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change how the use of a meter is kept.",
            discussion: """
                Example:
                  weir meter update gpu_seconds --record event
                """)

        @Argument(help: "The meter's id.")
        var meter: String

        @Option(help: "counter or allocation: what it is; this cannot be changed (as it is).")
        var kind: Kind?

        @Option(help: "event: each use by itself, or hourly: sums by key and model.")
        var record: Record

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.put, "meters", meter).with("id", text: meter)
                .with("kind", text: kind?.rawValue).with("record", text: record.rawValue)
                .because(change.reason)
        }

        func run() async throws {
            var complete = self
            if kind == nil {
                let call = try Call.admin(.get, "meters", meter).validated()
                let found = try await show.connection.open { try await $0.value(of: call) }
                complete.kind = found["kind"]?.stringValue.flatMap(Kind.init(rawValue:))
            }
            try await complete.perform()
        }
    }
}
