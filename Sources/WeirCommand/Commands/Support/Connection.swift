import Foundation

/// Where the server is and who asks.
struct Connection: Equatable, Sendable {
    static let defaultURL = "http://127.0.0.1:8080"

    var url: String
    var token: String
    var certificates: String?

    /// Decides from options and environment; `read` gives the text of a file.
    init(
        url: String?,
        tokenFile: String?,
        certificates: String?,
        environment: [String: String],
        read: (String) throws -> String
    ) throws(CommandFailure) {
        let named = url ?? environment["WEIR_URL"].flatMap { $0.isEmpty ? nil : $0 }
        self.url = named ?? Self.defaultURL
        guard Self.isServer(self.url) else {
            throw CommandFailure(
                "WEIR_URL must be like \(Self.defaultURL), and not \(SafeText.line(self.url))")
        }
        self.certificates = certificates
        let text: String?
        if let tokenFile {
            do {
                text = try read(tokenFile)
            } catch {
                throw CommandFailure("--token-file: cannot read \(SafeText.line(tokenFile))")
            }
        } else {
            text = environment["WEIR_ADMIN_TOKEN"]
        }
        token = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else {
            throw CommandFailure(
                tokenFile == nil
                    ? "WEIR_ADMIN_TOKEN is not set: set it to the admin token, which the server's"
                        + " first start showed, or give a file that holds it with --token-file"
                    : "--token-file: \(SafeText.line(tokenFile ?? "")) is empty")
        }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandFailure("the admin token has characters that no token has")
        }
    }

    /// Whether a text is a server's address.
    static func isServer(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let scheme = url.scheme,
            ["http", "https"].contains(scheme), url.host?.isEmpty == false, url.query == nil
        else { return false }
        return (1...65_535).contains(url.port ?? 80)
    }
}
