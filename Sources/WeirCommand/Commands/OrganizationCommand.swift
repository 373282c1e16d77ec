import ArgumentParser
import StrictJSON

/// `weir organization`.
struct OrganizationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization",
        abstract: "Limit several tenants together.",
        discussion: """
            Example:
              weir organization create globex --limit ai_tokens/month=5000000
            """,
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Delete.self, Usage.self,
        ])
}

/// What describes an organization.
struct OrganizationOptions: ParsableArguments {
    @Option(help: "The name, for people.")
    var name: String?

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "A limit of all its tenants together, such as ai_tokens/month=5000000; repeat for"
                + " more.",
            valueName: "meter/window=units"))
    var limits: [LimitArgument] = []

    @OptionGroup var billing: BillingOptions

    /// The call with the members that were given.
    func add(to call: Call) -> Call {
        billing.add(to: call).with("name", text: name)
            .with("limits", limits.isEmpty ? nil : .array(limits.map(\.json)))
    }
}

extension OrganizationCommand {
    /// `weir organization list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List organizations.",
            discussion: """
                Example:
                  weir organization list
                """)

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "organizations") }

        var columns: [Column] {
            [.text("id"), .text("name"), .text("time_zone"), .text("created_at")]
        }
    }

    /// `weir organization show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an organization and its limits.",
            discussion: """
                Example:
                  weir organization show globex
                """)

        @Argument(help: "The organization's id.")
        var organization: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "organizations", organization) }
    }

    /// `weir organization create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an organization.",
            discussion: """
                Example:
                  weir organization create globex --limit ai_tokens/month=5000000
                """)

        @Argument(help: "The organization's id.")
        var organization: String

        @OptionGroup var members: OrganizationOptions

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            members.add(to: .admin(.post, "organizations").with("id", text: organization))
                .because(change.reason)
        }
    }

    /// `weir organization update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given of an organization, and leave the rest.",
            discussion: """
                Where --limit is given, the limits given replace all it has.

                Example:
                  weir organization update globex --limit ai_tokens/month=unlimited
                """)

        @Argument(help: "The organization's id.")
        var organization: String

        @OptionGroup var members: OrganizationOptions

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            guard members.add(to: .admin(.patch)).body?.members.isEmpty == false else {
                throw ValidationError("Say what to change: --name, --limit, …")
            }
        }

        func call() -> Call {
            members.add(to: .admin(.patch, "organizations", organization)).because(change.reason)
        }
    }

    /// `weir organization delete`.
    struct Delete: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete an organization to which no tenant belongs.",
            discussion: """
                Example:
                  weir organization delete globex --yes
                """)

        @Argument(help: "The organization's id.")
        var organization: String

        @OptionGroup var options: DestructiveOptions

        var question: String { "Delete organization \(SafeText.line(organization))?" }

        func call() -> Call {
            .admin(.delete, "organizations", organization).because(change.reason)
        }
    }

    /// `weir organization usage`.
    struct Usage: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what an organization's tenants use of its limits.",
            discussion: """
                Example:
                  weir organization usage globex
                """)

        @Argument(help: "The organization's id.")
        var organization: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "organizations", organization, "usage") }

        func text(_ answer: JSONValue) -> String { UsageText.text(answer) }
    }
}
