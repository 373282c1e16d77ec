import Foundation
import WeirClient

/// nginx as one process before a backend: the least that a proxy can do.
struct NginxProxy: Sendable {
    private static let attempts = 5

    /// Passes whole answers on.
    let whole: GatewayTarget
    /// Passes on what it has at once.
    let streaming: GatewayTarget

    /// Runs `body` with nginx, or with nil where it is not installed, and stops it afterwards.
    ///
    /// - Parameters:
    ///   - backend: the backend's address: `http://127.0.0.1:41235`.
    ///   - core: the processor that it has.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and a failure to start.
    static func run<Value: Sendable>(
        before backend: String,
        core: Int?,
        _ body: (NginxProxy?) async throws -> Value
    ) async throws -> Value {
        guard let program = Program.path(of: "nginx") else {
            BenchOptions.say("nginx is not installed: there is no baseline")
            return try await body(nil)
        }
        let folder = try TemporaryFolder(for: "weir-bench-nginx")
        defer { folder.remove() }
        let launch = ServerLaunch(
            executable: program,
            arguments: ["-p", folder.path, "-e", "stderr", "-c", folder.path + "/nginx.conf"],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.path
        )
        .pinned(to: core)
        for _ in 0..<attempts {
            // Below the ports that clients are given by the system.
            let port = 2 * Int.random(in: 10_000..<15_000)
            try configuration(port: port, backend: backend, folder: folder.path)
                .write(toFile: folder.path + "/nginx.conf", atomically: true, encoding: .utf8)
            let value: Value?? = try await BenchServer.child(launch) { process in
                guard try await process.answers(at: "http://127.0.0.1:\(port)/health") else {
                    return nil
                }
                return try await body(
                    NginxProxy(port: port, process: process.identifier))
            }
            if case .some(.some(let value)) = value { return value }
        }
        throw LoadFailure("nginx does not start\n\(launch.lastWords)")
    }

    private init(port: Int, process: Int32) {
        func target(_ port: Int) -> GatewayTarget {
            GatewayTarget(
                name: "nginx", url: "http://127.0.0.1:\(port)", process: process,
                credential: "nobody")
        }
        whole = target(port)
        streaming = target(port + 1)
    }

    /// One process, which is both master and worker.
    private static func configuration(port: Int, backend: String, folder: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off;
            master_process off;
            pid \(folder)/nginx.pid;
            worker_rlimit_nofile 16384;
            error_log stderr error;
            events { worker_connections 8192; }
            http {
                access_log off;
                \(temporary.joined(separator: "\n    "))
                client_max_body_size 16m;
                client_body_buffer_size 1m;
                keepalive_requests 1000000000;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                upstream backend {
                    server \(backend.dropFirst("http://".count));
                    keepalive 4096;
                    keepalive_requests 1000000000;
                }
                server {
                    listen 127.0.0.1:\(port) backlog=4096;
                    location / { proxy_pass http://backend; }
                }
                server {
                    listen 127.0.0.1:\(port + 1) backlog=4096;
                    location / { proxy_pass http://backend; proxy_buffering off; }
                }
            }

            """
    }
}
