import Foundation
import WeirClient

/// A proxy with its documented configuration, between a Weir and an application.
struct ProxyServer: Sendable {
    /// Where clients find it.
    let url: String

    private static let attempts = 5
    private static let documents = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Documentation/proxies")

    /// Runs `body` with a proxy in front of the Weir at `weir`, and stops the proxy afterwards.
    ///
    /// - Parameters:
    ///   - kind: The proxy.
    ///   - weir: Weir's address: `http://127.0.0.1:8080`.
    ///   - body: What to do with it.
    /// - Returns: How many requests reached the application.
    /// - Throws: What `body` throws, and a failure to start.
    static func run(
        _ kind: ProxyKind,
        weir: String,
        _ body: (ProxyServer) async throws -> Void
    ) async throws -> Int {
        let folder = try TemporaryFolder(for: "weir-proxy")
        defer { folder.remove() }
        let (proxy, process) = try await start(kind, weir: weir, folder: folder.path)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(proxy))
        } catch {
            result = .failure(error)
        }
        // A request is logged after its answer; an ended proxy has logged all of them.
        await process.stop()
        try result.get()
        let log = try String(contentsOfFile: folder.path + "/application.log", encoding: .utf8)
        return log.split(separator: "\n").count
    }

    /// Starts a proxy; a port that somebody else has is left for another.
    private static func start(
        _ kind: ProxyKind, weir: String, folder: String
    ) async throws -> (ProxyServer, ServerProcess) {
        guard let path = kind.installed.path else {
            throw ServerFailure("\(kind.program) is not installed")
        }
        // Caddy writes into its home.
        let launch = ServerLaunch(
            executable: path, arguments: kind.arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder], folder: folder)
        for _ in 0..<attempts {
            // Below the ports that clients are given by the system.
            let port = 2 * Int.random(in: 10_000..<15_000)
            let ports = ProxyKind.Ports(proxy: port, application: port + 1)
            try write(kind, ports, weir: weir, to: folder)
            let process = try ServerProcess(launch)
            let isReady = try await Poll.until(within: .seconds(30)) {
                let errors = try? String(contentsOfFile: launch.errorPath, encoding: .utf8)
                return kind.isReady(folder, errors ?? "") || !process.isRunning
            }
            if isReady, process.isRunning {
                return (ProxyServer(url: "http://127.0.0.1:\(port)"), process)
            }
            await process.stop()
        }
        throw ServerFailure("\(kind.program) does not start\n\(launch.lastWords)")
    }

    private static func write(
        _ kind: ProxyKind, _ ports: ProxyKind.Ports, weir: String, to folder: String
    ) throws {
        var text = try String(
            contentsOf: documents.appendingPathComponent(kind.document), encoding: .utf8)
        for (documented, tested) in [
            (kind.listens.documented, kind.listens.tested(ports)),
            ("127.0.0.1:8080", weir.replacingOccurrences(of: "http://", with: "")),
            ("127.0.0.1:3000", "127.0.0.1:\(ports.application)"),
        ] {
            guard text.components(separatedBy: documented).count == 2 else {
                throw ServerFailure("\(documented) must stand once in \(kind.document)")
            }
            text = text.replacingOccurrences(of: documented, with: tested)
        }
        try text.write(toFile: folder + "/" + kind.document, atomically: true, encoding: .utf8)
        try kind.main(ports).write(toFile: folder + "/main", atomically: true, encoding: .utf8)
    }
}
