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
    static func run<Value: Sendable>(
        settings: [String: String] = [:],
        _ body: (BenchServer) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder(for: "weir-bench")
        defer { folder.remove() }
        let token = ServerLaunch.newAdminToken()
        return try await child(launch(folder, port: 0, token, settings)) { process in
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
