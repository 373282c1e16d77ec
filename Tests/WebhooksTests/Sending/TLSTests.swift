import Testing

@testable import Webhooks

@Suite(
    "TLS of webhooks", .timeLimit(.minutes(10)),
    .enabled(if: TestCertificate.openssl != nil, "openssl is not installed"))
struct TLSTests {
    private func trusting(_ certificate: TestCertificate) -> WebhookSender.Settings {
        var settings = TestSender.patient
        settings.trustedCertificates = [certificate.certificate]
        return settings
    }

    @Test("the certificate must be that of the name, though the connection goes to an address")
    func names() async throws {
        let certificate = try await TestCertificate("DNS:hooks.test,DNS:localhost")
        try await ScriptedReceiver.run(.answer(200), tls: certificate.server) { receiver in
            try await TestSender.run(settings: trusting(certificate)) { test in
                for host in ["hooks.test", "HOOKS.test.", "localhost"] {
                    let result = await test.send("https://\(host):\(receiver.port)/")
                    #expect(result == .delivered(status: 200), "\(host)")
                }
                for host in ["other.test", "127.0.0.1"] {
                    let failure = await test.send("https://\(host):\(receiver.port)/").failure
                    #expect(
                        failure?.reason.hasPrefix("TLS failed") == true,
                        "\(host) \(String(describing: failure))")
                }
                #expect(receiver.messages.count == 3)
            }
        }
    }

    @Test("an address as host needs a certificate of that address")
    func address() async throws {
        let certificate = try await TestCertificate("IP:127.0.0.1")
        try await ScriptedReceiver.run(.answer(200), tls: certificate.server) { receiver in
            try await TestSender.run(settings: trusting(certificate)) { test in
                let result = await test.send("https://127.0.0.1:\(receiver.port)/")
                #expect(result == .delivered(status: 200))
                let failure = await test.send("https://hooks.test:\(receiver.port)/").failure
                #expect(failure?.reason.hasPrefix("TLS failed") == true)
            }
        }
    }

    @Test(
        "a certificate for several hosts is one for each host of that kind",
        arguments: [
            ("DNS:*.hooks.test", "a.hooks.test", true), ("DNS:*.hooks.test", "hooks.test", false),
            ("DNS:*.hooks.test", "a.b.hooks.test", false), ("DNS:*.test", "a.test", false),
            ("DNS:A.Hooks.Test", "a.hooks.test", true), ("IP:127.0.0.1", "a.hooks.test", false),
            ("IP:127.0.0.1,DNS:a.hooks.test", "a.hooks.test", true),
        ])
    func stars(names: String, host: String, isNamed: Bool) async throws {
        let certificate = try await TestCertificate(names)
        #expect(certificate.certificate.isNamed(host) == isNamed)
    }

    @Test("a certificate that nobody vouches for is refused, and nothing is sent")
    func untrusted() async throws {
        let certificate = try await TestCertificate("DNS:hooks.test,IP:127.0.0.1")
        try await ScriptedReceiver.run(.answer(200), tls: certificate.server) { receiver in
            try await TestSender.run { test in
                for host in ["hooks.test", "127.0.0.1"] {
                    let failure = await test.send("https://\(host):\(receiver.port)/").failure
                    #expect(
                        failure?.reason.hasPrefix("TLS failed") == true,
                        "\(String(describing: failure))")
                }
                #expect(receiver.messages.isEmpty)
            }
        }
    }

    @Test("a server that does not speak TLS has failed")
    func plain() async throws {
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            try await TestSender.run { test in
                let result = await test.send("https://hooks.test:\(receiver.port)/")
                #expect(result.failure != nil)
                #expect(receiver.messages.isEmpty)
            }
        }
    }
}
