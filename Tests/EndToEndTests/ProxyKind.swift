import Foundation

/// A kind of proxy that the guide has a configuration for.
///
/// The documented file is loaded as it is, but for its three addresses, by a main file that also
/// serves the application behind the proxy.
struct ProxyKind: Sendable {
    /// The ports of one run.
    struct Ports: Sendable {
        /// Where the proxy listens.
        var proxy: Int
        /// Where the application behind it listens.
        var application: Int
    }

    /// A text of the documented file and what stands in its place in a test.
    struct Address: Sendable {
        var documented: String
        var tested: @Sendable (Ports) -> String
    }

    /// The program's name.
    let program: String
    /// The file in Documentation/proxies, and its name beside the main file.
    let document: String
    /// Where the documented file listens.
    let listens: Address
    /// The main file's text.
    let main: @Sendable (Ports) -> String
    /// The program's arguments; the main file is `main` in its working directory.
    let arguments: [String]
    /// Whether a folder and its `errors.log` say that the proxy listens.
    let isReady: @Sendable (_ folder: String, _ errors: String) -> Bool

    /// What the application answers, with the headers that it got.
    static func greeting(tenant: String, key: String) -> String { "tenant=\(tenant) key=\(key)" }

    /// The program, where it is installed.
    var installed: InstalledProgram { InstalledProgram(name: program, purpose: document) }
}

extension ProxyKind {
    /// Debian's nginx, with its files in the working directory.
    ///
    /// With a master process, even for one worker: by itself nginx waits with the signals blocked
    /// that its parent had blocked, and would not hear that it is to end.
    static let nginx = ProxyKind(
        program: "nginx", document: "nginx.conf",
        listens: Address(documented: "listen 8000;") { "listen 127.0.0.1:\($0.proxy);" },
        main: { ports in
            """
            user \(NSUserName());
            worker_processes 1;
            daemon off;
            pid nginx.pid;
            error_log stderr;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path bodies;
                proxy_temp_path answers;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                include nginx.conf;
                server {
                    listen 127.0.0.1:\(ports.application);
                    access_log application.log;
                    location / {
                        default_type text/plain;
                        return 200 "\(greeting(tenant: "$http_x_weir_tenant", key: "$http_x_weir_key"))";
                    }
                }
            }
            """
        },
        arguments: ["-p", ".", "-c", "main", "-e", "stderr"],
        // The file is written once the sockets are open.
        isReady: { folder, _ in
            FileManager.default.contents(atPath: folder + "/nginx.pid")?.isEmpty == false
        })

    /// Debian's Caddy, without its administration port.
    static let caddy = ProxyKind(
        program: "caddy", document: "Caddyfile",
        listens: Address(documented: "\n:8000 {") { "\nhttp://127.0.0.1:\($0.proxy) {" },
        main: { ports in
            """
            {
                admin off
                auto_https off
            }
            import Caddyfile
            :\(ports.application) {
                bind 127.0.0.1
                log {
                    output file application.log
                }
                respond "\(greeting(tenant: "{header.X-Weir-Tenant}", key: "{header.X-Weir-Key}"))"
            }
            """
        },
        arguments: ["run", "--config", "main", "--adapter", "caddyfile"],
        isReady: { _, errors in errors.contains("serving initial configuration") })
}
