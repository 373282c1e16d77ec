import ArgumentParser
import StrictJSON

/// `weir usage`.
struct UsageCommand: ListCommand {
    /// By what the use is summed.
    enum Grouping: String, ExpressibleByArgument, CaseIterable {
        case day
        case key
        case model
        case meter
    }

    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what a tenant used, by day, key, model or meter.",
        discussion: """
            Example:
              weir usage acme --from 2026-11-01 --to 2026-11-30 --by key
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: "The first UTC date (the first of this month).")
    var from: String?

    @Option(help: "The last UTC date (today).")
    var to: String?

    @Option(name: .customLong("by"), help: "day, key, model or meter.")
    var grouping: Grouping = .day

    @Option(help: "Only this meter.")
    var meter: String?

    @OptionGroup var list: ListOptions

    func call() -> Call {
        Call.admin(.get, "tenants", tenant, "usage").asking("from", from).asking("to", to)
            .asking("group_by", grouping.rawValue).asking("meter", meter)
    }

    var columns: [Column] {
        let first: [Column] =
            switch grouping {
            case .day: [.text("date")]
            case .key: [.text("key")]
            case .model: [.text("model")]
            case .meter: []
            }
        return first + [.text("meter"), .number("units"), .number("requests")]
    }
}
