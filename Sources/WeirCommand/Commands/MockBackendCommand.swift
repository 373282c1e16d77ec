import ArgumentParser
import Foundation
import MockBackend
import NIOCore
import NIOPosix
import UnixSignals

/// `weir mock-backend`.
struct MockBackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock-backend",
        abstract: "Stand in for an inference server, for demos, tests and benchmarks.",
        discussion: """
            Speaks the OpenAI API (/v1/chat/completions, /v1/completions, /v1/embeddings, \
            /v1/responses, /v1/models) and Triton's (/v2/models/MODEL/generate, \
            generate_stream, infer). What it generated, and for whom, is at /mock/statistics. A \
            request can ask for a fault of its own: see Documentation/mock-backend.md.

            Example: weir mock-backend --port 9001 --model small --tokens-per-second 50
            """)

    @Option(help: "The address to listen on.")
    var host = MockSettings().host

    @Option(help: "The port to listen on, to 65535; 0 stands for any free one.")
    var port: UInt16 = 0

    @Option(help: "A model that it serves; can be repeated (mock).")
    var model: [String] = []

    @Option(help: "What Authorization: Bearer must give; a stand-in has no secrets (none).")
    var apiKey: String?

    @Option(help: "How many threads it works on.")
    var threads = 1

    @OptionGroup(title: "Answers")
    var answers: MockAnswerOptions

    @OptionGroup(title: "Pace")
    var pace: MockPaceOptions

    @OptionGroup(title: "Faults, in percent of the requests; they exclude each other")
    var faults: MockFaultOptions

    var settings: MockSettings {
        var settings = MockSettings()
        settings.host = host
        settings.port = Int(port)
        if !model.isEmpty { settings.models = model }
        settings.apiKey = apiKey
        answers.apply(to: &settings)
        pace.apply(to: &settings)
        faults.apply(to: &settings)
        return settings
    }

    func validate() throws {
        if let problem = settings.problem { throw ValidationError("\(problem).") }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must be from 1 to 256.")
        }
    }

    func run() async throws {
        // Before the address is known, so that no signal is missed.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let settings = settings
        let backend = try await MockBackend.start(settings, group: group)
        print("mock backend for \(settings.models.joined(separator: ", ")) on \(backend.url)")
        // Readers of a pipe wait for the address.
        fflush(nil)
        for await _ in signals { break }
        try await backend.stop()
        try await group.shutdownGracefully()
    }
}
