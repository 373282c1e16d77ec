import ArgumentParser
import QuotaModel
import StrictJSON

/// `weir grant`.
struct GrantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give tenants units on top of their limits, and see what was carried.",
        discussion: """
            Example:
              weir grant create acme ai_tokens/month 500000 --reason "bought"
            """,
        subcommands: [List.self, Create.self, Revoke.self])
}

extension GrantCommand {
    /// `weir grant list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the units on top of a tenant's limits: carried or granted.",
            discussion: """
                Example:
                  weir grant list acme
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var list: ListOptions

        func call() -> Call { .admin(.get, "tenants", tenant, "grants") }

        var columns: [Column] {
            [
                .text("id"), .text("limit_id", title: "limit"), .text("kind"), .number("units"),
                .number("remaining"), .number("priority"), .text("expires_at"), .text("expired"),
                .text("created_at"), .text("reason"),
            ]
        }

        func row(_ item: JSONValue) -> JSONValue { GrantText.row(item) }
    }

    /// `weir grant create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put units on top of a limit of a tenant; they can be used at once.",
            discussion: """
                They stay over the ends of periods, until they are used or expire.

                Example:
                  weir grant create acme ai_tokens/month 500_000 --expires-at 2027-01-01T00:00:00Z
                  weir grant create acme api_calls/month 1000 --idempotency-key order-17
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @Argument(help: "The meter and the window, such as ai_tokens/month.")
        var limit: LimitName

        @Argument(help: "The units.")
        var units: UnitsArgument

        @Option(help: "When what is left of them is gone, such as 2027-01-01T00:00:00Z (never).")
        var expiresAt: String?

        @Option(
            help: """
                When they are used, 0 to 100: the lower the earlier, below 50 before the limit's \
                own units (50).
                """)
        var priority: Int64?

        @Option(
            help: "What the order is known by: with the same key nothing is granted a second time.")
        var idempotencyKey: String?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            let range = TopUp.priorities
            guard range.contains(Int(clamping: priority ?? 0)) else {
                throw ValidationError(
                    "--priority must be from \(range.lowerBound) to \(range.upperBound).")
            }
            guard idempotencyKey.map(Self.isKey) ?? true else {
                throw ValidationError(
                    "--idempotency-key must be 1 to \(Self.maximumKeyBytes) visible ASCII"
                        + " characters without double quotes.")
            }
        }

        /// Behind `g_` it is the grant's id.
        private static let maximumKeyBytes = 254

        /// Whether a line of a header can hold it as it is.
        private static func isKey(_ key: String) -> Bool {
            (1...maximumKeyBytes).contains(key.utf8.count)
                && key.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
        }

        func call() -> Call {
            Call.admin(.post, "tenants", tenant, "grants").with("meter", text: limit.meter)
                .with("window", text: limit.window).with("units", integer: units.count)
                .with("expires_at", text: expiresAt).with("priority", integer: priority)
                .because(change.reason).known(by: idempotencyKey)
        }

        func text(_ answer: JSONValue) -> String { GrantText.text(answer) }
    }

    /// `weir grant revoke`.
    struct Revoke: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let what is left of granted units expire now.",
            discussion: """
                Example:
                  weir grant revoke acme g_order-17 --reason refunded --yes
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @Argument(help: "The id of the grant, g_…")
        var grant: String

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Let what is left of grant \(SafeText.line(grant)) of tenant "
                + "\(SafeText.line(tenant)) expire now?"
        }

        func call() -> Call {
            .admin(.delete, "tenants", tenant, "grants", grant).because(change.reason)
        }
    }
}
