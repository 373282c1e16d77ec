import ArgumentParser
import StrictJSON

/// `weir service-key`.
struct ServiceKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service-key",
        abstract: "Make and revoke the keys of services, which decide for any tenant.",
        discussion: """
            Example:
              weir service-key create --name backend
            """,
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Suspend.self, Activate.self,
            Revoke.self, Rotate.self,
        ])
}

extension ServiceKeyCommand {
    /// `weir service-key list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List service keys.",
            discussion: """
                Example:
                  weir service-key list
                """)

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "service-keys") }

        var columns: [Column] {
            [
                .text("id"), .text("name"), .text("status"), .text("test"),
                .text("created_at"), .text("expires_at", null: "never"),
                .text("last_used_at", null: "never"),
            ]
        }
    }

    /// `weir service-key create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a service key; its secret is shown once.",
            discussion: """
                Example:
                  weir service-key create --name backend
                """)

        @Option(help: "The name, for people; several keys may share one.")
        var name: String

        @Option(help: "The time it ends, such as 2027-01-01T00:00:00Z.")
        var expiresAt: String?

        @Flag(help: "Make a test key.")
        var test = false

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.post, "service-keys").with("name", text: name)
                .with("expires_at", text: expiresAt)
                .with("test", test ? true : nil)
                .because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { SecretText.text(answer) }
    }

    /// `weir service-key update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given of a service key, and leave the rest.",
            discussion: """
                Example:
                  weir service-key update s_7f3a --name backend-2
                """)

        @Argument(help: "The key's id.")
        var key: String

        @Option(help: "The name, for people.")
        var name: String?

        @Option(help: "The time it ends, such as 2027-01-01T00:00:00Z, or never.")
        var expiresAt: String?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard call().body?.members.isEmpty == false else {
                throw ValidationError("Say what to change: --name, --expires-at, …")
            }
        }

        func call() -> Call {
            Call.admin(.patch, "service-keys", key).with("name", text: name)
                .with("expires_at", expiresAt.map { $0 == "never" ? .null : .string($0) })
                .because(change.reason)
        }
    }
}
