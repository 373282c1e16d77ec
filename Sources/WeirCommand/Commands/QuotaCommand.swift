import ArgumentParser
import StrictJSON

/// `weir quota`: decisions and the decision cache.
struct QuotaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Check and consume quota; look after the decision cache.",
        discussion: """
            Example:
              weir quota consume acme --charge ai_tokens=1200
            """,
        subcommands: [
            Check.self, Consume.self, Stats.self, Usage.self, Warm.self, Clear.self, Health.self,
        ])
}

/// What `check` and `consume` have in common.
struct DecisionOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: "The plan, if this call creates the tenant.")
    var plan: String?

    @Option(
        name: .customLong("charge"),
        help: ArgumentHelp(
            "A meter and an amount, such as ai_tokens=1200; repeat for more (api_calls=1).",
            valueName: "meter=amount"))
    var charges: [ChargeArgument] = []

    @Option(help: "The id of the API key to book it under.")
    var key: String?

    @Option(help: "The model, for limits by model.")
    var model: String?

    @OptionGroup var show: ShowOptions

    /// The call with what the options say.
    func call(_ operation: String) -> Call {
        Call.decision(.post, operation)
            .with("tenant", text: tenant)
            .with("plan", text: plan)
            .with("key", text: key)
            .with("model", text: model)
            .with("charges", charges.isEmpty ? nil : .array(charges.map(\.json)))
    }
}

extension QuotaCommand {
    /// `weir quota check`.
    struct Check: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a tenant may use something, without consuming it.",
            discussion: """
                Exit code 0 says yes, 2 says no.

                Example:
                  weir quota check acme --plan free --charge ai_tokens=1200
                """)

        @OptionGroup var decision: DecisionOptions

        var show: ShowOptions { decision.show }

        func call() -> Call { decision.call("check") }

        func text(_ answer: JSONValue) -> String { DecisionText.text(answer) }
    }

    /// `weir quota consume`.
    struct Consume: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Consume quota of a tenant: all charges or none.",
            discussion: """
                Exit code 0 says that it was consumed, 2 that it was refused and nothing consumed.

                Example:
                  weir quota consume acme --charge ai_tokens=1200 --idempotency-key order-17
                """)

        @OptionGroup var decision: DecisionOptions

        @Option(help: "A name for this use; a repeat with the same name is not booked again.")
        var idempotencyKey: String?

        @Option(
            help: ArgumentHelp(
                "Kept with the record of the use; repeat for more.", valueName: "name=value"))
        var metadata: [MetadataArgument] = []

        var show: ShowOptions { decision.show }

        func call() -> Call {
            var members = JSONObject()
            for entry in metadata { members[entry.name] = .string(entry.value) }
            return decision.call("consume")
                .with("idempotency_key", text: idempotencyKey)
                .with("metadata", metadata.isEmpty ? nil : .object(members))
        }

        func text(_ answer: JSONValue) -> String { DecisionText.text(answer) }
    }

    /// `weir quota stats`.
    struct Stats: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show hits and misses of the decision cache.",
            discussion: """
                Example:
                  weir quota stats --json
                """)

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "quota", "stats") }

        func text(_ answer: JSONValue) -> String {
            MemberTable.record(Flattened.value(answer["stats"] ?? answer))
        }
    }

    /// `weir quota warm`.
    struct Warm: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read tenants into the decision cache.",
            discussion: """
                Example:
                  weir quota warm acme globex --plan free
                """)

        @Argument(help: "The tenants' ids, at most 10000.")
        var tenants: [String]

        @Option(help: "The plan of those that do not exist yet.")
        var plan: String?

        @OptionGroup var show: ShowOptions

        func validate() throws {
            guard (1...10_000).contains(tenants.count) else {
                throw ValidationError("Name 1 to 10000 tenants.")
            }
        }

        func call() -> Call {
            Call.admin(.post, "quota", "cache", "warm")
                .with("tenant_ids", .array(tenants.map { .string($0) }))
                .with("plan_type", text: plan)
        }
    }

    /// `weir quota clear`.
    struct Clear: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Empty the decision cache; nothing consumed is forgotten by it.",
            discussion: """
                Example:
                  weir quota clear
                """)

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.post, "quota", "cache", "clear") }
    }

    /// `weir quota health`.
    struct Health: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the server can decide, and how well it does.",
            discussion: """
                Exit code 1 where the status is neither healthy nor degraded.

                Example:
                  weir quota health
                """)

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "quota", "health") }

        func text(_ answer: JSONValue) -> String {
            MemberTable.record(Flattened.value(answer))
        }

        func verdict(_ answer: JSONValue) -> Int32 {
            ["healthy", "degraded"].contains(answer["status"]?.stringValue) ? 0 : 1
        }
    }
}
