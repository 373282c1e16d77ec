import Foundation
import WeirClient

/// A `weir serve` of this build, as a child, on a folder of its own.
struct BenchServer: Sendable {
    let process: ServerProcess
    let url: String
    let adminToken: String
    let folder: TemporaryFolder
    /// What is set in its environment.
    let settings: [String: String]

    /// Runs `body` with a server; afterwards the server is stopped and its data removed.
    ///
    /// - Parameters:
    ///   - settings: what is set in its environment.
    ///   - configuration: its `weir.yaml`.
    ///   - core: the processor that it has; nil for all of them.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and a failure to start.
    static func run<Value: Sendable>(
        settings: [String: String] = [:],
        configuration: String? = nil,
        core: Int? = nil,
        _ body: (BenchServer) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder(for: "weir-bench")
        defer { folder.remove() }
        if let configuration {
            try configuration.write(
                toFile: folder.path + "/weir.yaml", atomically: true, encoding: .utf8)
        }
        let token = ServerLaunch.newAdminToken()
        let launch = launch(folder, port: 0, token, settings).pinned(to: core)
        return try await child(launch) { process in
            let url = try await process.address()
            return try await body(
                BenchServer(
                    process: process, url: url, adminToken: token, folder: folder,
                    settings: settings))
        }
    }

    /// How to start the server again on the same data and port.
    var launchAgain: ServerLaunch {
        Self.launch(
            folder, port: url.split(separator: ":").last.flatMap { Int($0) } ?? 0, adminToken,
            settings)
    }

    private static func launch(
        _ folder: TemporaryFolder, port: Int, _ token: String, _ settings: [String: String]
    ) -> ServerLaunch {
        .weir(
            executable: ExecutablePath.sibling("weir"), folder: folder.path, port: port,
            adminToken: token, settings: settings)
    }

    /// Runs `body` beside a child and stops the child afterwards, whatever happened.
    static func child<Value: Sendable>(
        _ launch: ServerLaunch, _ body: (ServerProcess) async throws -> Value
    ) async throws -> Value {
        let process = try ServerProcess(launch)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(process))
        } catch {
            result = .failure(error)
        }
        await process.stop()
        return try result.get()
    }
}
