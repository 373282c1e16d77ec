import Crypto
import Foundation
import Testing
import Webhooks

@Suite("Secrets of webhooks")
struct WebhookSecretTests {
    private let pepper = [UInt8](repeating: 3, count: 32)

    @Test("a secret is the HMAC of its endpoint and version, so it need not be stored")
    func derived() throws {
        let secret = WebhookSecret(derivedFrom: pepper, endpoint: "end_1", version: 12)
        var content = Array("webhook-secret".utf8) + [0] + Array("end_1".utf8) + [0]
        content += Array("12".utf8)
        let code = HMAC<SHA256>
            .authenticationCode(for: content, using: SymmetricKey(data: pepper))
        #expect(secret.text == "whsec_" + Data(code).base64EncodedString())
        #expect(try WebhookSecret(secret.text).text == secret.text)
    }

    @Test("another endpoint, version or pepper has another secret")
    func distinct() {
        let others = [
            WebhookSecret(derivedFrom: pepper, endpoint: "end_1", version: 1),
            WebhookSecret(derivedFrom: pepper, endpoint: "end_1", version: 2),
            WebhookSecret(derivedFrom: pepper, endpoint: "end_2", version: 1),
            WebhookSecret(
                derivedFrom: [UInt8](repeating: 4, count: 32), endpoint: "end_1", version: 1),
        ]
        #expect(Set(others.map(\.text)).count == others.count)
    }

    @Test("24 to 64 bytes in base64 are a secret", arguments: [24, 32, 63, 64])
    func lengths(count: Int) throws {
        let text = "whsec_" + Data(repeating: 9, count: count).base64EncodedString()
        #expect(try WebhookSecret(text).text == text)
    }

    @Test(
        "other texts are refused with the reason",
        arguments: [
            ("", WebhookSecretError.noPrefix), ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .noPrefix),
            ("whsec_", .length), ("whsec_a b", .notBase64), ("whsec_MfKQ9r8", .notBase64),
            ("whsec_" + Data(repeating: 9, count: 23).base64EncodedString(), .length),
            ("whsec_" + Data(repeating: 9, count: 65).base64EncodedString(), .length),
        ])
    func refused(text: String, error: WebhookSecretError) {
        #expect(throws: error) { try WebhookSecret(text) }
    }

    @Test("no description, dump or container shows it")
    func hidden() {
        let secret = WebhookSecret(derivedFrom: pepper, endpoint: "end_1", version: 1)
        let code = String(secret.text.dropFirst(6).prefix(8))
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(!text.contains(code), "\(text)")
            #expect(text.contains("(hidden)"), "\(text)")
        }
    }
}
