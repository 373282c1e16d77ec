import ArgumentParser
import StrictJSON

/// `weir webhook`.
struct WebhookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Say where notifications are delivered, and see what became of them.",
        discussion: """
            Example:
              weir webhook create https://hooks.example.com/weir --id ops --event quota.exhausted
            """,
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Delete.self, Rotate.self,
            Deliveries.self, Replay.self,
        ])
}

extension WebhookCommand {
    /// `weir webhook list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the webhook endpoints.",
            discussion: """
                Example:
                  weir webhook list
                """)

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "webhooks") }

        var columns: [Column] {
            [
                .text("id"), .text("url"), .text("events", null: "all"),
                .text("tenant", null: "all"), .text("status"), .text("failure"),
            ]
        }
    }

    /// `weir webhook show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a webhook endpoint.",
            discussion: """
                Example:
                  weir webhook show ops
                """)

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "webhooks", webhook) }
    }

    /// `weir webhook create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have notifications delivered to a URL; the secret is shown once.",
            discussion: """
                Only https and public addresses are called, unless the server's operator allows \
                others.

                Without --event all is delivered that is written. The end of a period is written \
                where something was told of it before, or it was ended by hand; of every period, \
                where an endpoint has --event quota.reset.

                Example:
                  weir webhook create https://hooks.example.com/weir --id ops
                  weir webhook create https://acme.example/hook --tenant acme --event quota.reset
                """)

        @Argument(help: "Where notifications are posted.")
        var url: String

        @Option(help: "The endpoint's id (one is made up).")
        var id: String?

        @Option(
            name: .customLong("event"),
            help: "What is delivered, such as quota.exhausted; repeat for more (everything).")
        var events: [String] = []

        @Option(help: "The one tenant it is about (all of them).")
        var tenant: String?

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.post, "webhooks").with("id", text: id).with("url", text: url)
                .with("events", events.isEmpty ? nil : .array(events.map { .string($0) }))
                .with("tenant", text: tenant).because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { SecretText.text(answer, named: "secret") }
    }

    /// `weir webhook update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given of a webhook endpoint, and leave the rest.",
            discussion: """
                A disabled endpoint keeps what it had not got by then; activating it delivers \
                that. What is told while it is disabled comes with weir webhook replay --since.

                Example:
                  weir webhook update ops --target https://hooks.example.com/new
                  weir webhook update ops --status active --all-events
                """)

        /// What a status can be set to.
        enum Status: String, CaseIterable, ExpressibleByArgument {
            case active
            case disabled
        }

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @Option(
            help: ArgumentHelp("The URL where notifications are posted.", valueName: "url"))
        var target: String?

        @Option(
            name: .customLong("event"),
            help: "What is delivered, such as quota.exhausted; repeat for more.")
        var events: [String] = []

        @Flag(help: "Everything is delivered.")
        var allEvents = false

        @Option(help: "The one tenant it is about.")
        var tenant: String?

        @Flag(help: "It is about all tenants.")
        var allTenants = false

        @Option(help: "Whether it gets anything: active or disabled.")
        var status: Status?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard events.isEmpty || !allEvents else {
                throw ValidationError("--event and --all-events contradict each other.")
            }
            guard tenant == nil || !allTenants else {
                throw ValidationError("--tenant and --all-tenants contradict each other.")
            }
            guard call().body?.members.isEmpty == false else {
                throw ValidationError("Say what to change: --target, --event, --status, …")
            }
        }

        func call() -> Call {
            let names = events.map { JSONValue.string($0) }
            return Call.admin(.patch, "webhooks", webhook).with("url", text: target)
                .with("events", allEvents ? .null : names.isEmpty ? nil : .array(names))
                .with("tenant", allTenants ? .null : tenant.map { .string($0) })
                .with("status", text: status?.rawValue).because(change.reason)
        }
    }

    /// `weir webhook delete`.
    struct Delete: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a webhook endpoint, with its deliveries.",
            discussion: """
                Example:
                  weir webhook delete ops --yes
                """)

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Delete webhook endpoint \(SafeText.line(webhook)) with its deliveries?"
        }

        func call() -> Call { .admin(.delete, "webhooks", webhook).because(change.reason) }
    }
}
