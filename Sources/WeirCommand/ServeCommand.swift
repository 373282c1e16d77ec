import ArgumentParser
import Foundation
import WeirServer

/// `weir serve`.
struct ServeCommand: AsyncParsableCommand {
    /// Which log lines are written: those of this level and of the ones after it.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical
    }

    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Every setting can also stand in the environment (WEIR_PORT) or in weir.yaml (port); \
            the command line wins over the environment, and the environment over the file.

            Example: weir serve --port 9000 --data /var/lib/weir
            """)

    @Option(help: "The address to listen on (127.0.0.1).")
    var host: String?

    @Option(help: "The port to listen on, to 65535 (8080); 0 stands for any free one.")
    var port: UInt16?

    @Option(help: "The address of the admin listener (127.0.0.1); needs --admin-port.")
    var adminHost: String?

    @Option(
        help: """
            A port of its own for the admin API and /metrics, which --port then leaves out; 0 \
            stands for any free one (one port for all).
            """)
    var adminPort: UInt16?

    @Option(
        help: "The TLS certificate and its chain, PEM; read again when it changes (no TLS).",
        completion: .file())
    var tlsCert: String?

    @Option(help: "The private key of --tls-cert, PEM.", completion: .file())
    var tlsKey: String?

    @Option(help: "The data folder (./weir-data).", completion: .directory)
    var data: String?

    @Option(
        help: """
            The database that the nodes of a fleet share, postgres://user@host/database; also \
            DATABASE_URL (the ledger lies in the data folder).
            """)
    var ledger: String?

    @Option(help: "The name of a fleet's node, which no other has (made, and kept with the data).")
    var nodeName: String?

    @Flag(
        help: """
            Go on with the ledger's history: a journal of another one is moved out of the way, and \
            what it may hold becomes suspect.
            """)
    var setAsideJournal = false

    @Option(
        help: "The configuration file (weir.yaml, where there is one).", completion: .file())
    var config: String?

    @Option(help: "Which log lines are written (info).")
    var logLevel: LogLevel?

    @Option(help: "How long /readyz says no before connections are closed, in seconds (0).")
    var drainSeconds: Int?

    func validate() throws {
        guard (0...3_600).contains(drainSeconds ?? 0) else {
            throw ValidationError("--drain-seconds must be from 0 to 3600.")
        }
        guard config.map(FileManager.default.isReadableFile) ?? true else {
            throw ValidationError("--config: cannot read \(SafeText.line(config ?? "")).")
        }
    }

    func run() async throws {
        let arguments = [
            "host": host, "port": port?.description, "admin_host": adminHost,
            "admin_port": adminPort?.description, "tls_cert": tlsCert, "tls_key": tlsKey,
            "data": data, "ledger": ledger, "node_name": nodeName,
            "set_aside_journal": setAsideJournal ? "true" : nil,
            "log_level": logLevel?.rawValue,
            "drain_seconds": drainSeconds?.description,
        ]
        .compactMapValues { $0 }
        let configuration = try await ServerConfiguration(
            arguments: arguments, environment: ProcessInfo.processInfo.environment, file: config)
        try await WeirServer(configuration)
            .run { announcement in
                print(text(announcement))
                // Readers of a pipe wait for the address.
                fflush(nil)
            }
    }

    private func text(_ announcement: Announcement) -> String {
        let address = announcement.address
        var lines = ["weir is listening on \(address)"]
        if let adminAddress = announcement.adminAddress {
            lines.append("its admin listener is at \(adminAddress)")
        }
        if let token = announcement.newAdminToken {
            lines += ["", "The admin token, shown this once:", "", "  \(token)"]
        }
        if announcement.hasStoredAdminToken {
            lines += [
                "", "The admin token is the one that the first start showed; if it is lost, set",
                "WEIR_ADMIN_TOKEN to a new one of 16 characters or more and start again.",
            ]
        }
        let token = announcement.newAdminToken ?? "$WEIR_ADMIN_TOKEN"
        lines += [
            "", "Try:", "",
            "  curl -s \(address)/api/v1/consume -H 'Content-Type: application/json' \\",
            "    -H \"Authorization: Bearer \(token)\" \\",
            "    -d '{\"tenant\":\"acme\",\"charges\":["
                + "{\"meter\":\"ai_tokens\",\"amount\":1200}]}'",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
