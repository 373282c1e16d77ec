import ArgumentParser
import StrictJSON

/// `weir event`.
struct EventCommand: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "List the single uses of a tenant, newest first.",
        discussion: """
            Example:
              weir event acme --meter ai_tokens --from 2026-11-01 --limit 20
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: "Only this meter.")
    var meter: String?

    @Option(help: "Only this API key's id.")
    var key: String?

    @Option(help: "The first UTC date, or a time from which on.")
    var from: String?

    @Option(help: "The last UTC date, or a time before which.")
    var to: String?

    @OptionGroup var list: ListOptions

    func call() -> Call {
        Call.admin(.get, "tenants", tenant, "events").asking("meter", meter).asking("key", key)
            .asking("from", from).asking("to", to)
    }

    var columns: [Column] {
        [
            .text("admitted_at"), .text("meter"), .number("units"), .number("overage"),
            .text("key"), .text("model"), .text("idempotency_key"), .text("adjusts"), .text("id"),
        ]
    }
}

/// `weir period`.
struct PeriodCommand: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "period",
        abstract: "List the periods of a tenant's limits, newest first.",
        discussion: """
            Example:
              weir period acme --meter ai_tokens --window month
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: "Only this meter.")
    var meter: String?

    @Option(help: "Only this window.")
    var window: String?

    @OptionGroup var list: ListOptions

    func call() -> Call {
        Call.admin(.get, "tenants", tenant, "periods").asking("meter", meter)
            .asking("window", window)
    }

    var columns: [Column] {
        [
            .text("limit_id", title: "limit"), .text("start"), .text("end"), .text("state"),
            .number("limit", title: "allowed", null: "unlimited"), .number("used"),
            .number("held"), .number("posted"), .number("remaining", null: "unlimited"),
        ]
    }
}

/// `weir audit`.
struct AuditCommand: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List who changed what and why, newest first.",
        discussion: """
            The details of each change are shown with --json.

            Example:
              weir audit --tenant acme --action override.put
            """)

    @Option(help: "Only changes of this tenant.")
    var tenant: String?

    @Option(help: "Only this action, such as key.revoke.")
    var action: String?

    @Option(help: "Only changes of this subject: the id of a key, a plan, …")
    var subject: String?

    @OptionGroup var list: ListOptions

    func call() -> Call {
        Call.admin(.get, "audit").asking("tenant", tenant).asking("action", action)
            .asking("subject", subject)
    }

    var owner: Call? { tenant.map { .admin(.get, "tenants", $0) } }

    var columns: [Column] {
        [
            .number("number"), .text("at"), .text("actor"), .text("action"), .text("subject"),
            .text("tenant"), .text("reason"),
        ]
    }
}
