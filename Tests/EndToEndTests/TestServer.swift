import Foundation
import WeirClient

/// A `weir serve` of this build, on a free port and a folder of its own, that can be killed and
/// started again.
actor TestServer {
    nonisolated let adminToken: String
    nonisolated let url: String
    private let folder: TemporaryFolder
    private var process: ServerProcess
    private let settings: [String: String]

    private init(_ settings: [String: String]) async throws {
        self.settings = settings
        adminToken = settings["WEIR_ADMIN_TOKEN"] ?? ServerLaunch.newAdminToken()
        folder = try TemporaryFolder(for: "weir-test")
        do {
            process = try ServerProcess(
                .weir(
                    executable: BuiltWeir.path, folder: folder.path, port: 0,
                    adminToken: adminToken, settings: settings))
        } catch {
            folder.remove()
            throw error
        }
        do {
            url = try await process.address()
        } catch {
            await process.stop()
            folder.remove()
            throw error
        }
    }

    /// Runs `body` with a server and stops the server afterwards, whatever happened.
    static func run<Value: Sendable>(
        settings: [String: String] = [:],
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let server = try await TestServer(settings)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        return try result.get()
    }

    /// Kills the server (SIGKILL) and starts it again on the same data and port.
    func crashAndRestart() async throws {
        await process.crash()
        let port = url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        var attempts = 20
        while true {
            process = try ServerProcess(
                .weir(
                    executable: BuiltWeir.path, folder: folder.path, port: port,
                    adminToken: adminToken, settings: settings))
            do {
                _ = try await process.address()
                return
            } catch  where attempts > 1 && "\(error)".contains("stop the other program") {
                // A connection of another test has taken the port for the moment.
                attempts -= 1
            }
        }
    }

    /// Kills the server (SIGKILL), and leaves it so.
    func crash() async { await process.crash() }

    /// Runs `body` with a client that has the admin token.
    nonisolated func withClient<Value: Sendable>(
        connections: Int, _ body: (APIClient) async throws -> Value
    ) async throws -> Value {
        try await APIClient.open(
            url: url, credential: adminToken, connections: connections, timeout: .seconds(30), body)
    }

    /// Asks the server to stop, and answers its exit status.
    func stopGracefully() async -> Int32? {
        await process.stop()
    }

    /// The folder that the server keeps its data in.
    nonisolated var dataFolder: String { folder.path + "/data" }

    private func stop() async {
        await process.stop()
        folder.remove()
    }
}
