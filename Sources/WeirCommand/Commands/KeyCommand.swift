import ArgumentParser
import StrictJSON

/// `weir key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, limit and revoke the API keys of tenants.",
        discussion: """
            Example:
              weir key create acme --name prod --limit api_calls/day=100
            """,
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Suspend.self, Activate.self,
            Revoke.self, Rotate.self,
        ])
}

extension KeyCommand {
    /// `weir key list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List API keys.",
            discussion: """
                Example:
                  weir key list --tenant acme
                """)

        @Option(help: "Only those of this tenant.")
        var tenant: String?

        @OptionGroup var list: ListOptions

        func call() -> Call { Call.admin(.get, "keys").asking("tenant", tenant) }

        var owner: Call? { tenant.map { .admin(.get, "tenants", $0) } }

        var columns: [Column] {
            [
                .text("id"), .text("tenant"), .text("name"), .text("status"), .text("test"),
                .text("created_at"), .text("expires_at", null: "never"),
                .text("last_used_at", null: "never"),
            ]
        }
    }

    /// `weir key create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a tenant's API key; its secret is shown once.",
            discussion: """
                Example:
                  weir key create acme --name prod --limit api_calls/day=100
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @Option(help: "The name, for people; several keys may share one.")
        var name: String

        @Option(
            name: .customLong("limit"),
            help: ArgumentHelp(
                "A limit of this key, such as api_calls/day=100; repeat for more.",
                valueName: "meter/window=units"))
        var limits: [LimitArgument] = []

        @Option(help: "The time it ends, such as 2027-01-01T00:00:00Z.")
        var expiresAt: String?

        @Flag(help: "Make a test key.")
        var test = false

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.post, "keys").with("tenant", text: tenant).with("name", text: name)
                .with("expires_at", text: expiresAt)
                .with("test", test ? true : nil)
                .with("limits", limits.isEmpty ? nil : .array(limits.map(\.json)))
                .because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { SecretText.text(answer) }
    }

    /// `weir key update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given of a tenant's API key, and leave the rest.",
            discussion: """
                Where --limit is given, the limits given replace all it has.

                Example:
                  weir key update k_7f3a --limit api_calls/day=500
                """)

        @Argument(help: "The key's id.")
        var key: String

        @Option(help: "The name, for people.")
        var name: String?

        @Option(
            name: .customLong("limit"),
            help: ArgumentHelp(
                "A limit of this key, such as api_calls/day=100; repeat for more.",
                valueName: "meter/window=units"))
        var limits: [LimitArgument] = []

        @Flag(help: "It has no limits of its own any more.")
        var noLimits = false

        @Option(help: "The time it ends, such as 2027-01-01T00:00:00Z, or never.")
        var expiresAt: String?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard call().body?.members.isEmpty == false else {
                throw ValidationError("Say what to change: --name, --expires-at, …")
            }
        }

        func call() -> Call {
            Call.admin(.patch, "keys", key).with("name", text: name)
                .with("expires_at", expiresAt.map { $0 == "never" ? .null : .string($0) })
                .with("limits", limits.isEmpty && !noLimits ? nil : .array(limits.map(\.json)))
                .because(change.reason)
        }
    }
}
