import ArgumentParser

/// The command line.
@main
struct Weir: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "Measure and limit what every tenant of a product uses.",
        discussion: """
            Commands that ask a server find it through --url or WEIR_URL \
            (\(Connection.defaultURL)), and need the admin token of its first start in \
            WEIR_ADMIN_TOKEN, or in a file named with --token-file.

            Exit codes: 0 done; 1 it failed (the server refused or cannot be reached, a file or a \
            setting is wrong, the answer was no, verify found a difference); 2 the decision was a \
            refusal (quota check, quota consume, ask can-generate, allocation); 3 changes are \
            pending (apply --dry-run); 64 the command line is wrong; 130 interrupted; 141 nobody \
            reads the output.

            Completions: weir --generate-completion-script bash (or zsh, fish) prints a script \
            for your shell.

            Example:
              weir serve
              weir quota check acme --charge ai_tokens=1200
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Server",
                subcommands: [
                    ServeCommand.self, BackupCommand.self, RestoreCommand.self, VerifyCommand.self,
                    PeriodsCommand.self, ReplayCommand.self, MockBackendCommand.self,
                ]),
            CommandGroup(
                name: "Decisions and use",
                subcommands: [
                    QuotaCommand.self, AllocationCommand.self, ReservationCommand.self,
                    AskCommand.self, UsageCommand.self, EventCommand.self, PeriodCommand.self,
                    ExplainCommand.self, CostCommand.self, WhatIfCommand.self,
                ]),
            CommandGroup(
                name: "Directory",
                subcommands: [
                    TenantCommand.self, OrganizationCommand.self, KeyCommand.self,
                    ServiceKeyCommand.self, PlanCommand.self, MeterCommand.self,
                    OverrideCommand.self, GrantCommand.self, WebhookCommand.self,
                    NotificationCommand.self,
                ]),
            CommandGroup(
                name: "Corrections and history",
                subcommands: [
                    AdjustmentCommand.self, SuspectCommand.self, AuditCommand.self,
                ]),
            CommandGroup(
                name: "In bulk",
                subcommands: [ApplyCommand.self, ImportCommand.self, ExportCommand.self]),
        ])
}
