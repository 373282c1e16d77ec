import ArgumentParser
import StrictJSON
import WeirClient

/// `weir whatif`.
struct WhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whatif",
        abstract: "Tell whom a plan would have refused, when, and by which limit.",
        discussion: """
            The server judges the use that it has recorded by the plan of the file, and changes \
            nothing. The file has the members of one plan, as for weir plan put, or is a manifest \
            with one plan, as for weir apply. Judged are the tenants on the plan of the same id, \
            or those that --tenants-of or --tenant names.

            --since and --until take an instant or a time before now: 90m, 36h, 7d, 2w.

            Example:
              weir whatif --plan new.yaml --since 7d
              weir whatif --plan new.yaml --since 2026-11-01T00:00:00Z --tenants-of free
            """)

    /// How the answer is shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(help: "The file of the plan; - reads standard input.", completion: .file())
    var plan: String

    @Option(help: "From when on refusals count.")
    var since: String

    @Option(help: "Until when (now).")
    var until: String?

    @Option(help: "Only this tenant, whatever plan it is on.")
    var tenant: String?

    @Option(help: "The tenants on this plan.")
    var tenantsOf: String?

    @Option(help: "The most rows, up to 10000.")
    var limit: Int64 = 1_000

    @Option(help: "text or json.")
    var format: Format = .text

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        guard (0...10_000).contains(limit) else {
            throw ValidationError("--limit must be from 0 to 10000.")
        }
        if tenant != nil, tenantsOf != nil {
            throw ValidationError("--tenant and --tenants-of exclude each other.")
        }
    }

    func run() async throws {
        let call = try Self.call(try TextFile.read(plan), self)
        // A long history takes its time; nothing else waits for it.
        let answer = try await connection.open(timeout: .seconds(6 * 3_600)) { session in
            try await session.value(of: call)
        }
        switch format {
        case .json: Terminal.show(SafeJSON.line(answer))
        case .text: Terminal.show(WhatIfText.text(answer))
        }
    }

    /// The call for a file's text.
    static func call(_ text: String, _ command: WhatIfCommand) throws(CommandFailure) -> Call {
        let plan = try ManifestReader(path: command.plan).onlyPlan(text)
        return Call.admin(.post, "whatif")
            .with("plan", .object(plan.members))
            .with("since", text: command.since)
            .with("until", text: command.until)
            .with("tenant", text: command.tenant)
            .with("tenants_of", text: command.tenantsOf)
            .with("max_refusals", integer: command.limit)
    }
}

extension ManifestReader {
    /// The plan of a file that has its members, or of a manifest with nothing but one plan.
    func onlyPlan(_ text: String) throws(CommandFailure) -> ManifestEntry {
        guard hasList(of: .plan, text) else { return try single(.plan, text) }
        let plans = try entries(text).filter { $0.kind == .plan }
        guard let plan = plans.first, plans.count == 1 else {
            throw CommandFailure(
                "\(SafeText.line(path)) has \(plans.count) plans; a what-if takes one")
        }
        return plan
    }
}
