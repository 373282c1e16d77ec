import ArgumentParser
import StrictJSON

/// `weir suspect`.
struct SuspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspect",
        abstract: "Resolve grants whose node fell silent.",
        discussion: """
            Example:
              weir suspect list --tenant acme
            """,
        subcommands: [List.self, Resolve.self])
}

extension SuspectCommand {
    /// `weir suspect list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List grants whose use nobody knows.",
            discussion: """
                Example:
                  weir suspect list
                """)

        @Option(help: "Only those of this tenant.")
        var tenant: String?

        @OptionGroup var list: ListOptions

        func call() -> Call { Call.admin(.get, "suspect").asking("tenant", tenant) }

        var owner: Call? { tenant.map { .admin(.get, "tenants", $0) } }

        var columns: [Column] {
            [
                .text("grant"), .text("tenant"), .text("limit_id", title: "limit"),
                .number("size"), .number("posted"), .number("returned"), .number("suspect"),
                .text("reservation"), .text("period_start"),
            ]
        }
    }

    /// `weir suspect resolve`.
    struct Resolve: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what was used of a grant that fell silent; the rest is given back.",
            discussion: """
                Example:
                  weir suspect resolve node.3.17 --used 12 --yes --reason "from the backend's log"
                """)

        @Argument(help: "The grant.")
        var grant: String

        @Option(help: "The units that were used, 0 or more.")
        var used: Int64

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Book \(used) units of grant \(SafeText.line(grant)) and give the rest back?"
        }

        func validate() throws {
            guard (0...Units.maximum).contains(used) else {
                throw ValidationError("--used must be from 0 to \(Units.maximum).")
            }
        }

        func call() -> Call {
            Call.admin(.post, "suspect", grant, "resolve").with("used", integer: used)
                .because(change.reason)
        }
    }
}

/// `weir adjustment`.
struct AdjustmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adjustment",
        abstract: "Correct what a tenant used, as a new entry of the ledger.",
        discussion: """
            Example:
              weir adjustment create acme ai_tokens --amount 500 --yes --reason "job 17"
            """,
        subcommands: [Create.self])
}

extension AdjustmentCommand {
    /// `weir adjustment create`.
    struct Create: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add to what a tenant used; a negative amount is a credit.",
            discussion: """
                Example:
                  weir adjustment create acme ai_tokens --amount 500 --yes --reason "job 17"
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @Argument(help: "The meter.")
        var meter: String

        @Option(help: "The units; negative is a credit, written --amount=-500.")
        var amount: Int64

        @Option(help: "A name for this entry; a repeat with the same name is not booked again.")
        var idempotencyKey: String?

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Add \(amount) to the use of \(SafeText.line(meter)) of tenant "
                + "\(SafeText.line(tenant))?"
        }

        func validate() throws {
            guard (-Units.maximum...Units.maximum).contains(amount), amount != 0 else {
                throw ValidationError(
                    "--amount must be from 1 to \(Units.maximum), or negative.")
            }
        }

        func call() -> Call {
            Call.admin(.post, "adjustments").with("tenant", text: tenant)
                .with("meter", text: meter).with("amount", integer: amount)
                .with("idempotency_key", text: idempotencyKey).because(change.reason)
        }
    }
}
