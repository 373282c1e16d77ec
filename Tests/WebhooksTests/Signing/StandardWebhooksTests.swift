import Foundation
import Testing

@testable import Webhooks

/// The library that receivers in Python use, as `scripts/test` installs it.
enum StandardWebhooks {
    /// The version that `scripts/test` installs.
    static let version = "1.1.0"

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("scripts/verify_webhooks.py").path

    private static var environment: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return cache + "/weir/standardwebhooks-\(version)"
    }

    /// Whether the package is there; says so on standard error when it is not.
    static var isInstalled: Bool {
        if FileManager.default.fileExists(atPath: environment + "/installed") { return true }
        ChildProgram.skip(
            """
            the Python package standardwebhooks \(version) is not installed (scripts/test does \
            it), so signatures are not verified with it
            """)
        return false
    }

    /// A message as it is given to the script.
    struct Message: Encodable {
        var secret: String
        var headers: [String: String]
        var body: String
    }

    /// What the library says of each message: `verified`, or its error.
    static func verify(_ messages: [Message]) async throws -> [String] {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-test-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try JSONEncoder().encode(messages).write(to: file)
        let output = try await ChildProgram.run(environment + "/bin/python", [script, file.path])
        return try JSONDecoder().decode([String].self, from: Data(output.utf8))
    }
}

@Suite(
    "the library standardwebhooks", .timeLimit(.minutes(10)),
    .enabled(
        if: StandardWebhooks.isInstalled,
        "the Python package standardwebhooks is not installed; scripts/test installs it"))
struct StandardWebhooksTests {
    private func secret(_ version: Int64) -> WebhookSecret {
        WebhookSecret(
            derivedFrom: [UInt8](repeating: 5, count: 32), endpoint: "end_1", version: version)
    }

    /// The library reads the clock of the machine, so the message must be of now.
    private func message(
        _ body: String, signedWith secrets: [WebhookSecret], age: Int64 = 0
    ) -> StandardWebhooks.Message {
        let timestamp = Int64(Date().timeIntervalSince1970) - age
        return StandardWebhooks.Message(
            secret: secret(1).text,
            headers: [
                WebhookSignature.idField: "msg_1",
                WebhookSignature.timestampField: "\(timestamp)",
                WebhookSignature.signatureField: WebhookSignature.header(
                    id: "msg_1", timestamp: timestamp, body: Array(body.utf8), secrets: secrets),
            ], body: body)
    }

    @Test("it verifies our signatures, during a rotation too, and refuses what we would refuse")
    func verifies() async throws {
        let body = #"{"type":"limit.reached","data":{"text":"🌊 \\n"}}"#
        var changed = message(body, signedWith: [secret(1)])
        changed.body += " "
        let answers = try await StandardWebhooks.verify([
            message(body, signedWith: [secret(1)]),
            message(body, signedWith: [secret(2), secret(1)]),
            message(body, signedWith: [secret(2)]),
            message(body, signedWith: [secret(1)], age: 400),
            changed,
        ])
        let refusal = "WebhookVerificationError: "
        #expect(
            answers == [
                "verified", "verified", refusal + "No matching signature found",
                refusal + "Message timestamp too old", refusal + "No matching signature found",
            ])
    }
}
