import ArgumentParser
import QuotaModel
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
                .text("tenant"), .text("meter"), .text("window"), .number("limit"),
                .text("starts_at", title: "starts"), .text("expires_at"), .text("expired"),
                .text("created_at"), .text("author"), .text("reason"),
            ]
        }

        func row(_ item: JSONValue) -> JSONValue { OverrideText.row(item) }
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

        @OptionGroup var start: OverrideStart

        @OptionGroup var show: ShowOptions

        func call() -> Call { start.choose(target.call(.get)) }

        func text(_ answer: JSONValue) -> String { OverrideText.text(answer) }
    }

    /// `weir override set`.
    struct Set: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a limit of one tenant, whatever its plan says.",
            discussion: """
                A limit can have several overrides, one after the other: one without --starts-at, \
                which holds from when it is set, and one for each start.

                Example:
                  weir override set acme ai_tokens/month 250000 --expires-at 2027-01-01T00:00:00Z
                  weir override set acme ai_tokens/month --multiplier-percent 150 --author sales
                  weir override set acme api_calls/month 9000 --starts-at 2027-02-01T00:00:00Z
                """)

        @OptionGroup var target: OverrideOptions

        @Argument(help: "The units, or unlimited.")
        var units: QuantityArgument?

        @Option(
            help: ArgumentHelp(
                "Instead of the units: so many percent of what the plan gives.",
                valueName: "percent"))
        var multiplierPercent: Int64?

        @Option(help: "When it begins to hold, such as 2027-02-01T00:00:00Z (now).")
        var startsAt: String?

        @Option(help: "When the plan's limit holds again, such as 2027-01-01T00:00:00Z.")
        var expiresAt: String?

        @Option(
            help:
                "For how many periods it holds, that of its start included; with both, the earlier."
        )
        var periods: Int64?

        @Option(help: "Who wants it.")
        var author: String?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard (units == nil) != (multiplierPercent == nil) else {
                throw ValidationError("Give either the units, 0 or more, or --multiplier-percent.")
            }
            guard LimitOverride.multipliers.contains(multiplierPercent ?? 100) else {
                let range = LimitOverride.multipliers
                throw ValidationError(
                    "--multiplier-percent must be from \(range.lowerBound) to \(range.upperBound).")
            }
            guard (1...1_000).contains(periods ?? 1) else {
                throw ValidationError("--periods must be from 1 to 1000.")
            }
        }

        func call() -> Call {
            target.call(.put).with("limit", units?.json)
                .with("multiplier_percent", integer: multiplierPercent)
                .with("starts_at", text: startsAt).with("expires_at", text: expiresAt)
                .with("periods", integer: periods).with("author", text: author)
                .because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { OverrideText.text(answer) }
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

        @OptionGroup var start: OverrideStart

        @OptionGroup var options: DestructiveOptions

        var question: String {
            let from = start.startsAt.map { " that starts at \(SafeText.line($0))" } ?? ""
            return "Delete the override of \(SafeText.line(target.limit.text)) of tenant "
                + "\(SafeText.line(target.tenant))\(from)?"
        }

        func call() -> Call { start.choose(target.call(.delete)).because(change.reason) }
    }
}
