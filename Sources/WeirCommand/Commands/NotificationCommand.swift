import ArgumentParser
import StrictJSON

/// `weir notification`.
struct NotificationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notification",
        abstract: "See what was told of limits, overrides and trials.",
        discussion: """
            Example:
              weir notification list --tenant acme
            """,
        subcommands: [List.self, Follow.self])

    /// What happened.
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case thresholdReached = "quota.threshold_reached"
        case exhausted = "quota.exhausted"
        case recovered = "quota.recovered"
        case reset = "quota.reset"
        case overrideExpiring = "override.expiring"
        case trialEnding = "trial.ending"
    }

    /// Which notifications are wanted.
    struct Filter: ParsableArguments {
        @Option(help: "Only those of this tenant.")
        var tenant: String?

        @Option(help: "Only this type, such as quota.exhausted.")
        var type: Kind?

        func choose(_ call: Call) -> Call {
            call.asking("tenant", tenant).asking("type", type?.rawValue)
        }
    }
}

extension NotificationCommand {
    /// `weir notification list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the notifications, the oldest first.",
            discussion: """
                Example:
                  weir notification list --tenant acme --type quota.exhausted
                """)

        @OptionGroup var filter: Filter

        @OptionGroup var list: ListOptions

        func call() -> Call { filter.choose(.admin(.get, "notifications")) }

        var columns: [Column] {
            [
                .number("number"), .text("timestamp", title: "at"), .text("type"),
                .text("data.tenant", title: "tenant"),
                .text("data.limit_id", title: "limit"), .number("data.used", title: "used"),
                .number("data.limit", title: "allowed"),
                .number("data.percent", title: "percent"),
                .text("data.plan", title: "plan"), .text("data.ends_at", title: "ends at"),
            ]
        }

        func row(_ item: JSONValue) -> JSONValue { Flattened.value(item) }
    }
}
