import ArgumentParser

/// The command line.
@main
struct Weir: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "Measure and limit what every tenant of a product uses.",
        subcommands: [ServeCommand.self, PeriodsCommand.self, ReplayCommand.self])
}
