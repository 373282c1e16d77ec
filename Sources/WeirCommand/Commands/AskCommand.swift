import ArgumentParser
import StrictJSON

/// `weir ask`: questions about a tenant.
struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask what holds for a tenant, and why; nothing is counted.",
        discussion: """
            Example:
              weir ask plan acme
            """,
        subcommands: [
            PlanOf.self, LimitOf.self, CanGenerate.self, Remaining.self, Near.self,
        ])
}

/// Whom a question is about.
struct AskOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    /// The call, but for what is special to a question.
    func call(_ path: String) -> Call {
        Call.decision(.get, path).asking("tenant", tenant)
    }
}

/// What all questions have behind their arguments.
struct AskedOptions: ParsableArguments {
    @Option(help: "The id of an API key, whose own limits count as well.")
    var key: String?

    @OptionGroup var show: ShowOptions
}

extension AskCommand {
    /// `weir ask plan`.
    struct PlanOf: ServerCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "Which plan holds for a tenant, why, and what comes next.",
            discussion: """
                Example:
                  weir ask plan acme
                """)

        @OptionGroup var about: AskOptions

        @OptionGroup var asked: AskedOptions

        var show: ShowOptions { asked.show }

        func call() -> Call { about.call("plan").asking("key", asked.key) }

        func text(_ answer: JSONValue) -> String { AskedText.plan(answer) }
    }

    /// `weir ask limit`.
    struct LimitOf: ServerCommand {
        static let configuration = CommandConfiguration(
            commandName: "limit",
            abstract: "Which limit holds for a tenant, and what it replaces.",
            discussion: """
                Example:
                  weir ask limit acme ai_tokens/month
                """)

        @OptionGroup var about: AskOptions

        @Argument(help: "The meter and the window, such as ai_tokens/month; none for allocations.")
        var limit: LimitName

        @OptionGroup var asked: AskedOptions

        var show: ShowOptions { asked.show }

        func call() -> Call {
            about.call("effective-limit").asking("meter", limit.meter)
                .asking("window", limit.window).asking("key", asked.key)
        }

        func text(_ answer: JSONValue) -> String { AskedText.limit(answer) }
    }

    /// `weir ask can-generate`.
    struct CanGenerate: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether a tenant may use that many AI tokens now.",
            discussion: """
                Exit code 0 says yes, 2 says no.

                Example:
                  weir ask can-generate acme 1200 --model gpt-small
                """)

        @OptionGroup var about: AskOptions

        @Argument(help: "How many tokens.")
        var tokens: TokenArgument = .one

        @Option(help: "The model that would generate them, for limits by model.")
        var model: String?

        @OptionGroup var asked: AskedOptions

        var show: ShowOptions { asked.show }

        func call() -> Call {
            about.call("can-generate").asking("tokens", String(tokens.units))
                .asking("model", model).asking("key", asked.key)
        }

        func text(_ answer: JSONValue) -> String { DecisionText.text(answer) }
    }

    /// `weir ask remaining`.
    struct Remaining: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "How many AI tokens the budgets of a tenant leave it.",
            discussion: """
                Example:
                  weir ask remaining acme
                """)

        @OptionGroup var about: AskOptions

        @Option(help: "The model, whose own limits count as well.")
        var model: String?

        @OptionGroup var asked: AskedOptions

        var show: ShowOptions { asked.show }

        func call() -> Call {
            about.call("remaining-tokens").asking("model", model).asking("key", asked.key)
        }

        func text(_ answer: JSONValue) -> String { AskedText.remaining(answer) }
    }

    /// `weir ask near`.
    struct Near: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether a tenant has come to the soft limit of a meter, or beyond.",
            discussion: """
                Example:
                  weir ask near acme api_calls
                """)

        @OptionGroup var about: AskOptions

        @Argument(help: "The meter.")
        var meter = "ai_tokens"

        @OptionGroup var asked: AskedOptions

        var show: ShowOptions { asked.show }

        func call() -> Call {
            about.call("is-near-limit").asking("meter", meter).asking("key", asked.key)
        }

        func text(_ answer: JSONValue) -> String { AskedText.near(answer) }
    }
}
