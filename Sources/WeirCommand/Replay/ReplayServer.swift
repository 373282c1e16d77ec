import Foundation
import WeirClient

/// The server a replay plays through: one that is there, or one started for the replay.
struct ReplayServer: Sendable {
    static let defaultURL = "http://127.0.0.1:8080"

    let url: String
    let adminToken: String
    /// Set when the replay started the server.
    let own: OwnServer?

    /// Decides for a server: a named one, else the one on the default address if we have its
    /// token, else one of our own.
    static func find(
        url: String?, needsOwn: Bool, _ say: @Sendable (String) -> Void
    ) async throws -> ReplayServer {
        let environment = ProcessInfo.processInfo.environment
        let token = environment["WEIR_ADMIN_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        let named = url ?? environment["WEIR_URL"].flatMap { $0.isEmpty ? nil : $0 }
        if let named, !needsOwn {
            guard isServer(named) else {
                throw ReplayFailure("--url must be like \(defaultURL), and not \(named)")
            }
            guard let token else {
                throw ReplayFailure(
                    "WEIR_ADMIN_TOKEN is not set: set it to the admin token of \(named),"
                        + " or leave out --url and WEIR_URL for a server of the replay's own")
            }
            return ReplayServer(url: named, adminToken: token, own: nil)
        }
        if let token, !needsOwn, await answers(defaultURL) {
            say("playing through the server on \(defaultURL)")
            return ReplayServer(url: defaultURL, adminToken: token, own: nil)
        }
        let own = try await OwnServer.start()
        say("started a server of its own on \(own.url), process \(own.identifier)")
        return ReplayServer(url: own.url, adminToken: own.adminToken, own: own)
    }

    private static func isServer(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let scheme = url.scheme,
            ["http", "https"].contains(scheme), url.host?.isEmpty == false
        else { return false }
        return (1...65_535).contains(url.port ?? 80)
    }

    private static func answers(_ url: String) async -> Bool {
        let reply = try? await APIClient.open(
            url: url, credential: nil, connections: 1, timeout: .seconds(2)
        ) { await $0.send("GET", "/livez") }
        if case .answer(let answer) = reply { return answer.status == 200 }
        return false
    }

    /// Stops the server if it was started for the replay.
    func stop() async {
        await own?.stop()
    }
}
