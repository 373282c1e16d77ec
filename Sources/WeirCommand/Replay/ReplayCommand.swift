import ArgumentParser
import Foundation
import WeirClient

/// `weir replay`: plays real LLM traffic through a server and checks its ledger to the token.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a trace of LLM requests through a server and check its ledger.",
        discussion: """
            Each row of the trace reserves its prompt and an estimate, then settles what it used; \
            lost answers are asked for again with the same idempotency key. At the end the \
            server's ledger must equal what was admitted, to the token: exit code 0 says it does.

            The server is the one of --url or WEIR_URL, else the one on \
            \(ReplayServer.defaultURL) if WEIR_ADMIN_TOKEN is set and it answers, else one that \
            is started for the replay on a folder that is removed afterwards.

            With --gateway each row becomes a chat of its tenant, with a prompt of as many tokens, \
            and max_tokens for the answer. Nothing is sent twice; what was booked must equal what \
            the backends said that they used.

            Example:
              weir replay --trace AzureLLMInferenceTrace_conv.csv --tenants 50 --plan free
            """)

    @Option(
        help: "The trace, a CSV file with the columns \(Trace.header).",
        completion: .file(extensions: ["csv"]))
    var trace: String

    @Option(help: "How many tenants the rows are spread over (Zipf, exponent 1).")
    var tenants: Int

    @Option(help: "The plan of the tenants; several take turns.")
    var plan: [String]

    @Option(help: "Seed of the assignment of rows to tenants.")
    var seed: UInt64 = 1

    @Option(help: "Times the trace's own speed, or max: as fast as the server answers.")
    var speed: ReplaySpeed = .max

    @Option(help: "The server's address; needs WEIR_ADMIN_TOKEN. [env: WEIR_URL]")
    var url: String?

    @Option(help: "Send each row as a chat to the gateway at this address instead.")
    var gateway: String?

    @Option(help: "The model of the chats through --gateway.")
    var model = "small"

    @Option(help: "Rows under way at once.")
    var concurrency = 32

    @Option(help: "Tokens reserved for a completion of unknown length.")
    var estimate: Int64 = 256

    @Option(help: "Play only so many rows.")
    var limit: Int?

    @Option(
        name: .customLong("run"),
        help: "The run's name, part of its tenants' ids. (default: a random one)")
    var runName: String?

    @Option(help: "Seconds to ask again for a lost answer.")
    var retryFor = 120

    @Option(help: "Kill the server with kill -9 so often; only one started for the replay.")
    var kills = 0

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        func require(_ condition: Bool, _ message: String) throws {
            if !condition { throw ValidationError(message) }
        }
        try require((1...100_000).contains(tenants), "--tenants must be from 1 to 100000.")
        try require(
            !plan.isEmpty && !plan.contains(""), "--plan must be a plan's id, for example free.")
        try require((1...1_024).contains(concurrency), "--concurrency must be from 1 to 1024.")
        try require(
            (0...TraceRow.maximumTokens).contains(estimate),
            "--estimate must be from 0 to \(TraceRow.maximumTokens).")
        try require(limit ?? 1 >= 1, "--limit must be at least 1.")
        try require(
            (0...86_400).contains(retryFor), "--retry-for must be from 0 to 86400 seconds.")
        try require((0...100).contains(kills), "--kills must be from 0 to 100.")
        try require(
            runName.map(Self.isRunName) ?? true,
            "--run must be 1 to 64 letters, digits, '-' or '_'.")
        try require(
            kills == 0 || url == nil,
            "--kills only kills a server that the replay started itself; leave out --url.")
        try require(kills == 0 || gateway == nil, "--kills can't be used with --gateway.")
    }

    private static func isRunName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    func run() async throws {
        let run = ReplayRun(
            name: runName ?? Self.randomName(),
            trace: try readTrace(),
            tenants: tenants,
            seed: seed,
            estimate: estimate)
        if let gateway { return try await runChats(run, through: gateway) }
        let report: ReplayReport
        do {
            report = try await Interrupt.cancels { try await replay(run) }
        } catch is CancellationError {
            FileHandle.standardError.write(Data("interrupted\n".utf8))
            throw ExitCode(130)
        }
        if json {
            print(try report.json())
        } else {
            print(report.text)
        }
        if !report.ledger.equal { throw ExitCode.failure }
    }

    private func runChats(_ run: ReplayRun, through gateway: String) async throws {
        let report: ChatReport
        do {
            report = try await Interrupt.cancels { try await chat(run, through: gateway) }
        } catch is CancellationError {
            FileHandle.standardError.write(Data("interrupted\n".utf8))
            throw ExitCode(130)
        }
        print(json ? try report.json() : report.text)
        if !report.ledger.equal { throw ExitCode.failure }
    }

    private func readTrace() throws -> Trace {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: trace))
        } catch {
            throw ReplayFailure("--trace: cannot read \(trace): \(error.localizedDescription)")
        }
        return try Trace(csv: Array(bytes), name: trace, limit: limit)
    }

    private static func randomName() -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return String((0..<8).map { _ in letters[.random(in: letters.indices)] })
    }
}
