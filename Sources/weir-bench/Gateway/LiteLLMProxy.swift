import Foundation
import WeirClient

/// LiteLLM's proxy with one worker before a backend.
///
/// It is installed from PyPI into a folder that stays, `weir-bench/litellm` among the caches.
enum LiteLLMProxy {
    private static let key = "sk-bench"
    private static let installing = Duration.seconds(900)
    private static let starting = Duration.seconds(120)

    /// Runs `body` with LiteLLM, and stops it afterwards.
    ///
    /// - Parameters:
    ///   - backend: the backend's address: `http://127.0.0.1:41235`.
    ///   - core: the processor that it has.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns; nil where LiteLLM can't be installed.
    /// - Throws: what `body` throws, and a failure to start.
    static func run<Value: Sendable>(
        before backend: String,
        core: Int?,
        _ body: (GatewayTarget) async throws -> Value
    ) async throws -> Value? {
        guard let program = try await installed() else { return nil }
        let folder = try TemporaryFolder(for: "weir-bench-litellm")
        defer { folder.remove() }
        let file = folder.path + "/litellm.yaml"
        try configuration(backend).write(toFile: file, atomically: true, encoding: .utf8)
        let port = Int.random(in: 20_000..<30_000)
        var environment = ProcessInfo.processInfo.environment
        environment["LITELLM_LOG"] = "ERROR"
        // Prices from its own package: nothing is asked of others.
        environment["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        let launch = ServerLaunch(
            executable: program,
            arguments: [
                "--config", file, "--host", "127.0.0.1", "--port", "\(port)", "--num_workers", "1",
                "--telemetry", "False",
            ],
            environment: environment, folder: folder.path
        )
        .pinned(to: core)
        return try await BenchServer.child(launch) { process in
            let url = "http://127.0.0.1:\(port)"
            guard try await process.answers(at: url + "/health/liveliness", within: starting)
            else { throw LoadFailure("LiteLLM does not start\n\(launch.lastWords)") }
            return try await body(
                GatewayTarget(
                    name: "LiteLLM", url: url, process: process.identifier, credential: key))
        }
    }

    private static func configuration(_ backend: String) -> String {
        """
        model_list:
          - model_name: \(GatewayRequest.model)
            litellm_params:
              model: openai/\(GatewayRequest.model)
              api_base: \(backend)/v1
              api_key: nobody
        general_settings:
          master_key: \(key)

        """
    }

    // MARK: Installing

    /// The program's path; nil where it is not there and can't be installed.
    private static func installed() async throws -> String? {
        let folder = cache
        let program = folder + "/bin/litellm"
        if FileManager.default.isExecutableFile(atPath: program) { return program }
        BenchOptions.say("installing LiteLLM into \(folder)")
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            guard let python = Program.path(of: "python3") else {
                throw LoadFailure("there is no python3")
            }
            try await finish(python, ["-m", "venv", folder], folder)
            try await finish(
                folder + "/bin/pip", ["install", "--quiet", "litellm[proxy]"], folder)
            return program
        } catch let error as CancellationError {
            throw error
        } catch {
            BenchOptions.say("gateway/chat-litellm is skipped: LiteLLM is not installed: \(error)")
            return nil
        }
    }

    private static var cache: String {
        let environment = ProcessInfo.processInfo.environment
        let root = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        return root + "/weir-bench/litellm"
    }

    /// Runs a program to its end, which must be a good one.
    private static func finish(
        _ program: String, _ arguments: [String], _ folder: String
    ) async throws {
        let launch = ServerLaunch(
            executable: program, arguments: arguments,
            environment: ProcessInfo.processInfo.environment, folder: folder)
        let status = try await BenchServer.child(launch) { process in
            _ = try await Poll.until(within: installing) { !process.isRunning }
            return await process.stop()
        }
        guard status == 0 else { throw LoadFailure("\(program) failed\n\(launch.lastWords)") }
    }
}
