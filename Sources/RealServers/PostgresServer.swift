import Foundation
import Synchronization
import WeirClient

/// A PostgreSQL server of our own: on a port and in a folder of its own, for tests and benchmarks.
package final class PostgresServer: Sendable {
    /// How the server treats the disk.
    package enum Durability: Sendable {
        /// Nothing is synced: a power cut would lose the database, a killed process loses nothing.
        case none
        /// As in production.
        case full
    }

    /// The folder with the server's data and logs.
    private let folder: TemporaryFolder
    private let current: Mutex<ServerProcess>
    private let launch: ServerLaunch
    /// Where it listens, on 127.0.0.1.
    package let port: Int
    /// The certificate that it shows, which signs itself; nil without TLS.
    package let certificatePath: String?

    /// The folder of the server's programs; nil where none is installed.
    package static var programs: String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
            .map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    }

    /// The address of a database as its owner, who needs no password.
    package func url(database: String = "postgres", options: String = "") -> String {
        "postgres://weir@127.0.0.1:\(port)/\(database)\(options.isEmpty ? "" : "?" + options)"
    }

    /// Creates a database cluster and starts its server.
    ///
    /// - Parameters:
    ///   - durability: how it treats the disk.
    ///   - settings: what else is set, as `name=value`.
    ///   - accessRules: the lines of `pg_hba.conf`; nil lets everybody in.
    ///   - name: the name in the certificate that it shows, with `ssl=on` among the settings.
    /// - Throws: why it does not start.
    package init(
        durability: Durability = .none,
        settings: [String] = [],
        accessRules: [String]? = nil,
        certificateFor name: String? = nil
    ) async throws {
        guard let programs = Self.programs else {
            throw ServerFailure("PostgreSQL is not installed")
        }
        folder = try TemporaryFolder(for: "weir-postgres")
        let data = folder.path + "/data"
        try await Self.run(
            programs + "/initdb",
            [
                "--pgdata", data, "--username", "weir", "--auth", "trust", "--encoding", "UTF8",
                "--locale", "C", "--no-sync", "--no-instructions",
            ], in: folder)
        if let accessRules {
            try accessRules.joined(separator: "\n")
                .write(toFile: data + "/pg_hba.conf", atomically: false, encoding: .utf8)
        }
        certificatePath = name == nil ? nil : data + "/server.crt"
        if let name {
            try await Self.run(
                "/usr/bin/openssl",
                [
                    "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=\(name)",
                    "-out", data + "/server.crt", "-keyout", data + "/server.key",
                ], in: folder)
        }
        port = try FreePort.take()
        let syncs = durability == .full ? [] : ["fsync=off", "full_page_writes=off"]
        let all = Self.settings(port: port, folder: folder) + syncs + settings
        launch = try Self.launch(
            programs + "/postgres", ["-D", data] + all.flatMap { ["-c", $0] }, in: folder)
        current = Mutex(try Self.start(launch, folder))
        try await waitUntilReady()
    }

    /// Starts a replica of another server, which only reads.
    ///
    /// - Parameter primary: the server that it follows.
    /// - Throws: why it does not start.
    package init(replicaOf primary: PostgresServer) async throws {
        guard let programs = Self.programs else {
            throw ServerFailure("PostgreSQL is not installed")
        }
        folder = try TemporaryFolder(for: "weir-postgres")
        let data = folder.path + "/data"
        try await Self.run(
            programs + "/pg_basebackup",
            [
                "--pgdata", data, "--write-recovery-conf", "--no-sync", "--checkpoint=fast",
                "--dbname", primary.url(),
            ], in: folder)
        port = try FreePort.take()
        certificatePath = nil
        launch = try Self.launch(
            programs + "/postgres",
            ["-D", data] + Self.settings(port: port, folder: folder).flatMap { ["-c", $0] },
            in: folder)
        current = Mutex(try Self.start(launch, folder))
        try await waitUntilReady()
    }

    private static func settings(port: Int, folder: TemporaryFolder) -> [String] {
        [
            "listen_addresses=127.0.0.1", "port=\(port)", "max_connections=300",
            "unix_socket_directories=\(folder.path)", "shared_buffers=128MB",
        ]
    }

    private var process: ServerProcess { current.withLock { $0 } }

    private static func start(
        _ launch: ServerLaunch,
        _ folder: TemporaryFolder
    ) throws(ServerFailure) -> ServerProcess {
        let process = try ServerProcess(launch)
        Leftovers.add(process.identifier, signal: SIGQUIT, folder: folder.path)
        return process
    }

    /// Kills the server and all that works for it, as a crash of the machine would.
    package func crash() async {
        // What works for it notices that it is gone, and must be gone before another starts.
        process.send(signal: SIGKILL)
        await process.crash()
        Leftovers.remove(process.identifier)
    }

    /// Starts the server again after a crash; it recovers from its log.
    ///
    /// - Throws: why it does not start.
    package func restart() async throws {
        var attempts = 100
        while true {
            let started = try Self.start(launch, folder)
            current.withLock { $0 = started }
            do {
                return try await waitUntilReady()
            } catch  where attempts > 0 {
                // A process of the old server still has its memory.
                attempts -= 1
                Leftovers.remove(started.identifier)
                _ = try await Poll.until(within: .milliseconds(50)) { false }
            }
        }
    }

    private func waitUntilReady() async throws {
        let isReady = try await Poll.until(within: .seconds(60)) {
            guard process.isRunning else { throw ServerFailure(launch.lastWords) }
            let log = (try? String(contentsOfFile: launch.errorPath, encoding: .utf8)) ?? ""
            return log.contains("ready to accept")
        }
        guard isReady else { throw ServerFailure("PostgreSQL does not start") }
    }

    /// Runs a statement with `psql`, as the owner; answers what it prints.
    package func psql(_ statement: String, database: String = "postgres") async throws -> String {
        guard let programs = Self.programs else { return "" }
        return try await Self.run(
            programs + "/psql",
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set",
                "ON_ERROR_STOP=1", "--command", statement, url(database: database),
            ], in: folder)
    }

    /// Sends a signal to the server's main process.
    package func send(signal: Int32) { process.send(signal: signal) }

    /// Ends the server at once, as a crash of the machine would, and removes its folder.
    package func remove() async {
        process.send(signal: SIGQUIT)
        _ = await process.end(within: .seconds(10))
        await process.crash()
        Leftovers.remove(process.identifier)
        folder.remove()
    }

    // PostgreSQL refuses to run as root.
    private static func launch(
        _ program: String,
        _ arguments: [String],
        in folder: TemporaryFolder
    ) throws -> ServerLaunch {
        // Each with output of its own.
        let own = folder.path + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: own, withIntermediateDirectories: false)
        var (executable, all) = (program, arguments)
        if getuid() == 0 {
            if let user = getpwnam("postgres") {
                for path in [folder.path, own] {
                    chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
                }
            }
            executable = "/usr/bin/setpriv"
            all =
                ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program]
                + arguments
        }
        return ServerLaunch(
            executable: executable, arguments: all, environment: ["LC_ALL": "C"], folder: own)
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: [String],
        in folder: TemporaryFolder
    ) async throws -> String {
        let launch = try launch(program, arguments, in: folder)
        let process = try ServerProcess(launch)
        guard await process.end() == 0 else { throw ServerFailure(launch.lastWords) }
        return (try? String(contentsOfFile: launch.outputPath, encoding: .utf8)) ?? ""
    }
}
