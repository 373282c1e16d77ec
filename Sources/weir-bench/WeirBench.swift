import ArgumentParser

/// Measures Weir, each figure beside a baseline of the same run.
@main
struct WeirBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-bench",
        abstract: "Measure Weir against baselines of the same run.",
        subcommands: [
            AdmissionCommand.self,
            HTTPCommand.self, BatchCommand.self, LedgerBenchCommand.self,
            PostgresBenchCommand.self, JournalCommand.self,
            KeyCommand.self, UsagePageCommand.self, ImportCommand.self, MemoryCommand.self,
            SimulationCommand.self, GatewayCommand.self, WhatIfCommand.self,
            PlanCommand.self, RolloverCommand.self,
            AllCommand.self,
            BaselineServerCommand.self, ActiveTenantsCommand.self,
        ])
}
