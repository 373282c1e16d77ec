import Foundation
import Synchronization

/// A `redis-server` of a test, with a free port and a temporary folder of its own.
final class RedisServer: Sendable {
    /// What is not tested where there is no server.
    static var isInstalled: Bool {
        InstalledPrograms.has("redis-server", "redis-cli", for: "tests against a real Redis")
    }

    /// The port it listens on, with TLS where the arguments ask for that.
    let port: Int
    /// The folder of its data and its log.
    let folder: String
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    private init(port: Int, folder: String, arguments: [String]) {
        self.port = port
        self.folder = folder
        self.arguments = arguments
    }

    /// Starts a server and waits until it listens.
    ///
    /// - Parameters:
    ///   - arguments: What is added to the command line, such as `["--requirepass", "secret"]`.
    ///   - hasTLS: Whether the port is one of TLS; the arguments bring the certificates.
    ///   - prepare: Writes files into the folder before the start, and gives more arguments.
    /// - Returns: The server, which runs until it is stopped.
    /// - Throws: What the server wrote, when it ended at once.
    static func start(
        arguments: [String] = [],
        hasTLS: Bool = false,
        prepare: (_ folder: String, _ port: Int) throws -> [String] = { _, _ in [] }
    ) async throws -> RedisServer {
        let port = try FreePort.next()
        let folder = NSTemporaryDirectory() + "redis-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let ports = hasTLS ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
        let more = try prepare(folder, port)
        // A configuration file comes first, as for sentinels.
        let server = RedisServer(
            port: port, folder: folder,
            arguments: more + ports + [
                "--bind", "127.0.0.1", "--dir", folder, "--logfile", "\(folder)/log", "--save", "",
                "--appendonly", "no",
            ] + arguments)
        do {
            try await server.restart()
        } catch {
            server.stop()
            throw error
        }
        return server
    }

    /// Starts it again, on the same port and with the same arguments.
    func restart() async throws {
        let log = "\(folder)/log"
        try? FileManager.default.removeItem(atPath: log)
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: InstalledPrograms.path(of: "redis-server") ?? "redis-server")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        try await Eventually.holds("Redis listens on \(port)") {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            guard process.isRunning else { throw Eventually.Failure(description: text) }
            return text.contains("Ready to accept connections") || text.contains("Sentinel ID is")
        }
    }

    /// Ends it and removes its folder.
    func stop() {
        // One that is paused does not take any other signal.
        kill9()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Kills it, so that it closes nothing in an orderly way.
    func kill9() {
        signal(SIGKILL)
        process.withLock { process in
            process?.waitUntilExit()
            process = nil
        }
    }

    /// Stops it from doing anything; its connections stay open.
    func pause() {
        signal(SIGSTOP)
    }

    /// Lets it go on.
    func resume() {
        signal(SIGCONT)
    }

    /// Runs `redis-cli` against it.
    @discardableResult
    func cli(_ arguments: String...) throws -> String {
        let output = try InstalledPrograms.run(
            "redis-cli", ["-h", "127.0.0.1", "-p", "\(port)"] + arguments)
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func signal(_ number: Int32) {
        process.withLock { process in
            guard let process, process.isRunning else { return }
            kill(process.processIdentifier, number)
        }
    }

    /// Runs `body` beside a server, and stops the server whatever happens.
    static func with<Value>(
        arguments: [String] = [],
        hasTLS: Bool = false,
        prepare: (_ folder: String, _ port: Int) throws -> [String] = { _, _ in [] },
        _ body: (RedisServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start(arguments: arguments, hasTLS: hasTLS, prepare: prepare)
        defer { server.stop() }
        return try await body(server)
    }
}
