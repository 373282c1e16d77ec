import ArgumentParser
import StrictJSON

/// `weir allocation`.
struct AllocationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocation",
        abstract: "Count seats, projects and storage of tenants.",
        discussion: """
            Example:
              weir allocation add acme team_members 1
            """,
        subcommands: [Set.self, Add.self])
}

/// Whose allocation of what.
struct AllocationOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: "The meter, such as team_members.")
    var meter: String

    @Option(help: "A name for this change; a repeat with the same name is not booked again.")
    var idempotencyKey: String?

    @OptionGroup var show: ShowOptions

    /// The call without the change itself.
    var call: Call {
        Call.decision(.post, "allocations").with("tenant", text: tenant)
            .with("meter", text: meter).with("idempotency_key", text: idempotencyKey)
    }
}

extension AllocationCommand {
    /// `weir allocation set`.
    struct Set: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many units a tenant holds.",
            discussion: """
                Exit code 2 says that it was refused.

                Example:
                  weir allocation set acme team_members 2
                """)

        @OptionGroup var allocation: AllocationOptions

        @Argument(help: "The units held from now on.")
        var units: Int64

        var show: ShowOptions { allocation.show }

        func validate() throws {
            guard (0...Units.maximum).contains(units) else {
                throw ValidationError("The units must be from 0 to \(Units.maximum).")
            }
        }

        func call() -> Call { allocation.call.with("set", integer: units) }

        func text(_ answer: JSONValue) -> String { DecisionText.text(answer) }
    }

    /// `weir allocation add`.
    struct Add: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take units, or give them back with a negative number.",
            discussion: """
                Exit code 2 says that it was refused. A negative number comes after --.

                Example:
                  weir allocation add acme team_members 1
                  weir allocation add acme team_members -- -1
                """)

        @OptionGroup var allocation: AllocationOptions

        @Argument(help: "The units to take; negative gives back.")
        var units: Int64

        var show: ShowOptions { allocation.show }

        func validate() throws {
            guard (-Units.maximum...Units.maximum).contains(units), units != 0 else {
                throw ValidationError("The units must be from 1 to \(Units.maximum), or negative.")
            }
        }

        func call() -> Call { allocation.call.with("delta", integer: units) }

        func text(_ answer: JSONValue) -> String { DecisionText.text(answer) }
    }
}
