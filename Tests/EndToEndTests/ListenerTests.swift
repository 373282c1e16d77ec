import Foundation
import Testing
import WeirClient

/// What the listener takes, and what it does not wait for.
@Suite(.timeLimit(.minutes(15)))
struct ListenerTests {
    private static let token = ServerLaunch.newAdminToken()

    /// Runs a server with settings of its own beside `body`, which gets its URL.
    private func serve(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        _ body: (ChildCommand, String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        var environment = environment
        environment["WEIR_ADMIN_TOKEN"] = Self.token
        try await ChildCommand.run(
            ["serve", "--port", "0", "--data", folder.path + "/data"] + arguments,
            environment: environment
        ) { command in
            _ = try await Poll.until(within: .seconds(60)) {
                ListeningLine.address(in: command.output) != nil
            }
            let url = try #require(
                ListeningLine.address(in: command.output), "\(command.errors)")
            try await body(command, url)
        }
    }

    private func status(_ path: String, url: String) async throws -> Int? {
        let hearing = try await RawConnection.exchange(
            RawConnection.get(path, token: Self.token), url: url)
        #expect(hearing.text.hasPrefix("HTTP/1.1 "))
        return Int(hearing.text.dropFirst(9).prefix(3))
    }

    @Test func theAdminListenerHasItsOwnRoutes() async throws {
        try await serve(["--admin-port", "0"]) { command, url in
            let marker = "its admin listener is at "
            let line = command.output.split(separator: "\n").first { $0.hasPrefix(marker) }
            let adminURL = String(try #require(line).dropFirst(marker.count))
            #expect(adminURL != url)
            for path in ["/api/admin/tenants", "/metrics"] {
                #expect(try await status(path, url: url) == 404)
                #expect(try await status(path, url: adminURL) == 200)
            }
            for path in ["/livez", "/readyz", "/openapi.yaml"] {
                #expect(try await status(path, url: url) == 200)
                #expect(try await status(path, url: adminURL) == 200)
            }
        }
    }

    @Test func headsAndBodiesThatDoNotComeAreNotWaitedFor() async throws {
        let seconds = ["WEIR_HEADER_TIMEOUT_SECONDS": "1", "WEIR_BODY_TIMEOUT_SECONDS": "1"]
        try await serve(environment: seconds) { _, url in
            let silent = try await RawConnection.exchange("", url: url)
            #expect(silent.text.isEmpty)
            let consumption = #"{"tenant":"acme","charges":[{"meter":"ai_tokens","amount":7}]}"#
            let head = """
                POST /api/v1/consume HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(Self.token)\r
                Content-Length: 1000\r\n\r\n
                """
            for text in ["GET /livez HTT", head + consumption] {
                let late = try await RawConnection.exchange(text, url: url)
                #expect(late.text.hasPrefix("HTTP/1.1 408 "), "\(late.text)")
                #expect(late.text.contains("application/problem+json"))
            }
            // Half a body is no body, even where it is valid JSON by itself.
            #expect(try await status("/api/v1/usage?tenant=acme", url: url) == 404)
        }
    }

    @Test func aLengthThatIsGivenTwiceIsRefused() async throws {
        try await serve { _, url in
            let text = """
                POST /api/v1/consume HTTP/1.1\r
                Host: localhost\r
                Content-Length: 4\r
                Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n
                """
            let hearing = try await RawConnection.exchange(text, url: url)
            #expect(hearing.text.hasPrefix("HTTP/1.1 400 "), "\(hearing.text)")
            #expect(hearing.text.contains("application/problem+json"))
        }
    }

    @Test(.enabled(if: Certificates.openssl.isInstalled, "openssl is not installed"))
    func aReplacedCertificateIsServedWithoutARestart() async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let served = try await Certificates.make("served", in: folder.path)
        let first = try #require(served.certificate)
        let next = try await Certificates.make("next", in: folder.path)
        let second = try #require(next.certificate)
        try await serve([
            "--tls-cert", served.certificatePath, "--tls-key", served.keyPath,
        ]) { command, url in
            #expect(url.hasPrefix("https://"))
            let before = try await RawConnection.exchange(RawConnection.get("/livez"), url: url)
            #expect(before.text.hasPrefix("HTTP/1.1 200 "))
            #expect(before.certificate == first)

            // Plain HTTP gets no answer, and does no harm.
            let plainURL = url.replacing("https:", with: "http:")
            let plain = try await RawConnection.exchange(
                RawConnection.get("/livez"), url: plainURL)
            #expect(!plain.text.contains("HTTP/1.1"))

            // A pair that does not fit leaves the old one.
            let key = try Data(contentsOf: URL(fileURLWithPath: served.keyPath))
            try Data(contentsOf: URL(fileURLWithPath: next.keyPath))
                .write(to: URL(fileURLWithPath: served.keyPath))
            #expect(
                try await Poll.until(within: .seconds(60)) {
                    command.errors.contains("the old TLS certificate stays")
                })
            let kept = try await RawConnection.exchange(RawConnection.get("/livez"), url: url)
            #expect(kept.certificate == first)
            try key.write(to: URL(fileURLWithPath: served.keyPath))

            try next.replace(served)
            let isSeen = try await Poll.until(within: .seconds(60)) {
                command.errors.contains("a new TLS certificate is used")
            }
            #expect(isSeen, "\(command.errors)")
            let after = try await RawConnection.exchange(RawConnection.get("/livez"), url: url)
            #expect(after.text.hasPrefix("HTTP/1.1 200 "))
            #expect(after.certificate == second)
        }
    }

    @Test(.enabled(if: Certificates.openssl.isInstalled, "openssl is not installed"))
    func aCertificateWithAnotherKeyStopsTheStart() async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let one = try await Certificates.make("one", in: folder.path)
        let other = try await Certificates.make("other", in: folder.path)
        let arguments = [
            "serve", "--port", "0", "--data", folder.path + "/data",
            "--tls-cert", one.certificatePath, "--tls-key", other.keyPath,
        ]
        try await ChildCommand.run(arguments) { command in
            let status = try await command.exitStatus()
            #expect(status == 1)
            #expect(command.output.isEmpty)
            #expect(command.errors.contains("\(other.keyPath) does not belong"))
        }
    }
}
