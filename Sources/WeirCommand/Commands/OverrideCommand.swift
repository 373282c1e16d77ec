import ArgumentParser
import StrictJSON

/// `weir override`.
struct OverrideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Set limits of single tenants by hand.",
        discussion: """
            Example:
              weir override set acme ai_tokens/month 250000 --periods 2 --reason "launch week"
            """,
        subcommands: [List.self, Show.self, Set.self, Delete.self])
}

/// Which override.
struct OverrideOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: "The meter and the window, such as ai_tokens/month.")
    var limit: LimitName

    /// A call about it.
    func call(_ method: Call.Method) -> Call {
        .admin(method, "tenants", tenant, "overrides", limit.meter, limit.window)
    }

    /// An override for a person.
    static func text(_ answer: JSONValue) -> String {
        guard var members = answer.objectValue else { return MemberTable.record(answer) }
        if members["limit"]?.isNull == true { members["limit"] = "unlimited" }
        if members["expires_at"]?.isNull == true { members["expires_at"] = "never" }
        return MemberTable.record(.object(members))
    }
}

extension OverrideCommand {
    /// `weir override list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the overrides of one tenant or of all.",
            discussion: """
                Example:
                  weir override list --tenant acme
                """)

        @Option(help: "Only those of this tenant.")
        var tenant: String?

        @OptionGroup var list: ListOptions

        func call() -> Call {
            tenant.map { .admin(.get, "tenants", $0, "overrides") } ?? .admin(.get, "overrides")
        }

        var columns: [Column] {
            [
                .text("tenant"), .text("meter"), .text("window"),
                .number("limit", null: "unlimited"), .text("expires_at", null: "never"),
                .text("expired"), .text("created_at"), .text("reason"),
            ]
        }
    }

    /// `weir override show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an override.",
            discussion: """
                Example:
                  weir override show acme ai_tokens/month
                """)

        @OptionGroup var target: OverrideOptions

        @OptionGroup var show: ShowOptions

        func call() -> Call { target.call(.get) }

        func text(_ answer: JSONValue) -> String { OverrideOptions.text(answer) }
    }

    /// `weir override set`.
    struct Set: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a limit of one tenant, whatever its plan says.",
            discussion: """
                Example:
                  weir override set acme ai_tokens/month 250000 --expires-at 2027-01-01T00:00:00Z
                """)

        @OptionGroup var target: OverrideOptions

        @Argument(help: "The units, or unlimited.")
        var units: QuantityArgument

        @Option(help: "When the plan's limit holds again, such as 2027-01-01T00:00:00Z.")
        var expiresAt: String?

        @Option(
            help: "For how many periods it holds, the current one included; with both, the earlier."
        )
        var periods: Int64?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard (1...1_000).contains(periods ?? 1) else {
                throw ValidationError("--periods must be from 1 to 1000.")
            }
        }

        func call() -> Call {
            target.call(.put).with("limit", units.json).with("expires_at", text: expiresAt)
                .with("periods", integer: periods).because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { OverrideOptions.text(answer) }
    }

    /// `weir override delete`.
    struct Delete: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete an override: the plan's limit holds again.",
            discussion: """
                Example:
                  weir override delete acme ai_tokens/month --yes
                """)

        @OptionGroup var target: OverrideOptions

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Delete the override of \(SafeText.line(target.limit.text)) of tenant "
                + "\(SafeText.line(target.tenant))?"
        }

        func call() -> Call { target.call(.delete).because(change.reason) }
    }
}
