import ArgumentParser
import StrictJSON

/// `weir explain`.
struct ExplainCommand: ServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell the whole of a decision: its limits, and what became of the request.",
        discussion: """
            The id stands in every answer (decision_id, X-Weir-Decision-Id). The server keeps the \
            newest refusals, reservations and requests of the gateway; of older ones, and of what \
            was consumed, --tenant finds what was booked.

            Example:
              weir explain d_01kajnzhkvtc9f7wq3x5r8z2m4
              weir explain d_01kajnzhkvtc9f7wq3x5r8z2m4 --tenant acme --json
            """)

    @Argument(help: "The decision's id.")
    var decision: String

    @Option(help: "Whose decision it is; needed for what is only in the ledger.")
    var tenant: String?

    @OptionGroup var show: ShowOptions

    func call() -> Call {
        Call.decision(.get, "explain", decision).asking("tenant", tenant)
    }

    func text(_ answer: JSONValue) -> String { ExplanationText.text(answer) }

    /// That a refusal could be explained is no refusal.
    func verdict(_ answer: JSONValue) -> Int32 { 0 }
}
