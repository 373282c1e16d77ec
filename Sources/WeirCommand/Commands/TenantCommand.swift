import ArgumentParser
import StrictJSON

/// `weir tenant`.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Create, change and close tenants.",
        discussion: """
            Example:
              weir tenant create acme --plan starter --time-zone Africa/Lagos --currency NGN
            """,
        subcommands: [
            List.self, Show.self, Limits.self, Create.self, Update.self, Close.self, Reset.self,
        ])
}

extension TenantCommand {
    /// `weir tenant list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List tenants.",
            discussion: """
                Example:
                  weir tenant list --organization globex --all --json
                """)

        @Option(help: "Only those of this organization.")
        var organization: String?

        @OptionGroup var list: ListOptions

        func call() -> Call { Call.admin(.get, "tenants").asking("organization", organization) }

        var owner: Call? { organization.map { .admin(.get, "organizations", $0) } }

        var columns: [Column] {
            [
                .text("id"), .text("name"), .text("plan"),
                .text("trial.ends_at", title: "trial ends"),
                .text("scheduled_plan.plan", title: "next plan"),
                .text("scheduled_plan.at", title: "from"), .text("organization"),
                .text("time_zone"), .text("status"), .text("created_at"),
            ]
        }

        func row(_ item: JSONValue) -> JSONValue { Flattened.value(item) }
    }

    /// `weir tenant show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a tenant.",
            discussion: """
                Example:
                  weir tenant show acme
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "tenants", tenant) }

        func text(_ answer: JSONValue) -> String { TenantOptions.text(answer) }
    }

    /// `weir tenant limits`.
    struct Limits: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the limits of a tenant and what is used of them.",
            discussion: """
                Example:
                  weir tenant limits acme
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { Call.decision(.get, "usage").asking("tenant", tenant) }

        func text(_ answer: JSONValue) -> String { UsageText.text(answer) }
    }

    /// `weir tenant create`.
    struct Create: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a tenant.",
            discussion: """
                Example:
                  weir tenant create acme --name "Acme Ltd" --plan starter
                  weir tenant create globex --trial-plan pro --trial-ends 2027-01-15T00:00:00Z
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var members: TenantOptions

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            members.add(to: .admin(.post, "tenants").with("id", text: tenant))
                .because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { TenantOptions.text(answer) }
    }

    /// A member that can be set back to its default.
    enum Clearable: String, ExpressibleByArgument, CaseIterable {
        case name
        case plan
        case organization
        case timeZone = "time-zone"
        case billingAnchor = "billing-anchor"
        case billingInterval = "billing-interval"
        case billingBoundaries = "billing-boundaries"
        case currency
        case trial
        case scheduledPlan = "scheduled-plan"

        /// The member's name in the API.
        var member: String { String(rawValue.map { $0 == "-" ? "_" : $0 }) }
    }

    /// `weir tenant update`.
    struct Update: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given of a tenant, and leave the rest.",
            discussion: """
                A plan with smaller budgets acts when the billing period ends, any other now; \
                --plan-at says otherwise. --clear trial ends a trial now, --clear scheduled-plan \
                keeps the plan there is. --status closed asks first, as weir tenant close does.

                Example:
                  weir tenant update acme --plan professional --clear billing-anchor
                  weir tenant update acme --plan free --plan-at now --reason "not paid"
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var members: TenantOptions

        @Option(
            help: ArgumentHelp(
                "Set a member back to its default; repeat for more.", valueName: "member"))
        var clear: [Clearable] = []

        @OptionGroup var options: DestructiveOptions

        var change: ChangeOptions { options.change }

        func run() async throws {
            if members.status == "closed" {
                try Confirmation.require(
                    Close.question(tenant), isConfirmed: options.isConfirmed)
            }
            try await perform()
        }

        func validate() throws {
            let given = members.add(to: .admin(.patch)).body ?? JSONObject()
            guard !given.members.isEmpty || !clear.isEmpty else {
                throw ValidationError("Say what to change: --plan, --name, … or --clear.")
            }
            for member in clear where given[member.member] != nil {
                throw ValidationError("--clear \(member.rawValue) contradicts what is set.")
            }
        }

        func call() -> Call {
            var call = members.add(to: .admin(.patch, "tenants", tenant))
            for member in clear { call = call.with(member.member, .null) }
            return call.because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { TenantOptions.text(answer) }
    }

    /// `weir tenant close`.
    struct Close: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a tenant: it may use nothing more; its ledger is kept.",
            discussion: """
                weir tenant update --status active opens it again.

                Example:
                  weir tenant close acme --yes --reason "contract ended"
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @OptionGroup var options: DestructiveOptions

        var question: String { Self.question(tenant) }

        static func question(_ tenant: String) -> String {
            "Close tenant \(SafeText.line(tenant))?"
        }

        func call() -> Call { .admin(.delete, "tenants", tenant).because(change.reason) }
    }

    /// `weir tenant reset`.
    struct Reset: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the current period of a limit now and begin a full one.",
            discussion: """
                The period that ends is kept in the history: see `weir period`.

                Example:
                  weir tenant reset acme ai_tokens/month --yes --reason "goodwill"
                """)

        @Argument(help: "The tenant's id.")
        var tenant: String

        @Argument(help: "The meter and the window, such as ai_tokens/month.")
        var limit: LimitName

        @OptionGroup var options: DestructiveOptions

        var question: String {
            "Reset \(SafeText.line(limit.text)) of tenant \(SafeText.line(tenant))?"
        }

        func call() -> Call {
            Call.admin(.post, "tenants", tenant, "reset")
                .with("meter", text: limit.meter).with("window", text: limit.window)
                .because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { MemberTable.record(Flattened.value(answer)) }
    }
}
