import ArgumentParser
import Foundation
import WeirClient

/// Options of every command that asks a server.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "The server's address (\(Connection.defaultURL)). [env: WEIR_URL]")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "A file that holds the admin token. [env: WEIR_ADMIN_TOKEN, the token itself]",
            valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file of certificates to trust besides the system's, for https.",
            valueName: "file"),
        completion: .file())
    var caFile: String?

    func validate() throws {
        guard let url, !Connection.isServer(url) else { return }
        throw ValidationError(
            "--url must be like \(Connection.defaultURL), and not \(SafeText.line(url)).")
    }

    /// Runs `body` with a session, and closes its connections at the end.
    func open<Value: Sendable>(
        connections: Int = 4,
        timeout: Duration = .seconds(60),
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let connection = try Connection(
            url: url, tokenFile: tokenFile, certificates: caFile,
            environment: ProcessInfo.processInfo.environment
        ) { path in try String(contentsOfFile: path, encoding: .utf8) }
        let trusted: TrustedCertificates?
        do {
            trusted = try connection.certificates.map { try TrustedCertificates(path: $0) }
        } catch {
            throw CommandFailure("--ca-file: \(error)")
        }
        return try await APIClient.open(
            url: connection.url, credential: connection.token, connections: connections,
            timeout: timeout, trusting: trusted
        ) { client in try await body(Session(client: client)) }
    }
}
