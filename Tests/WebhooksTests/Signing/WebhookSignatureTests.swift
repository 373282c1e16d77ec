import QuotaTesting
import Testing
import Webhooks

@Suite("Signatures of webhooks")
struct WebhookSignatureTests {
    // The example of Standard Webhooks' libraries.
    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private let time: Int64 = 1_614_265_330
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private var secret: WebhookSecret {
        get throws { try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") }
    }

    private let other = WebhookSecret(
        derivedFrom: [UInt8](repeating: 1, count: 32), endpoint: "end_1", version: 2)

    private func verify(
        _ header: String? = nil, id: String? = nil, timestamp: String? = nil, body: [UInt8]? = nil,
        secrets: [WebhookSecret]? = nil, now: Int64? = nil
    ) throws {
        try WebhookSignature.verify(
            header: header ?? signature, id: id ?? self.id, timestamp: timestamp ?? "\(time)",
            body: body ?? self.body, secrets: secrets ?? [secret], now: now ?? time)
    }

    @Test("the example of the specification is signed as it says")
    func example() throws {
        let header = try WebhookSignature.header(
            id: id, timestamp: time, body: body, secrets: [secret])
        #expect(header == signature)
        try verify()
    }

    @Test("while a rotation lasts there is a signature for each secret, and either verifies")
    func rotation() throws {
        let header = try WebhookSignature.header(
            id: id, timestamp: time, body: body, secrets: [other, secret])
        let parts = header.split(separator: " ")
        #expect(parts.count == 2)
        #expect(parts.last.map(String.init) == signature)
        try verify(header)
        try verify(header, secrets: [other])
        try verify(parts.first.map(String.init), secrets: [secret, other])
        #expect(throws: WebhookVerificationError.signature) {
            try verify(signature, secrets: [other])
        }
    }

    @Test(
        "a changed signature is refused",
        arguments: [
            "", "v1,", "v1", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O==",
            "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ])
    func changedHeader(header: String) {
        #expect(throws: WebhookVerificationError.signature) { try verify(header) }
    }

    @Test("a change of one bit anywhere is refused")
    func changedContent() throws {
        var random = SeededRandom(seed: .random(in: 0...UInt64.max))
        for _ in 0..<100 {
            var changed = body
            let place = Int.random(in: 0..<changed.count, using: &random)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: WebhookVerificationError.signature, "\(random)") {
                try verify(body: changed)
            }
        }
        #expect(throws: WebhookVerificationError.signature) { try verify(id: id + "x") }
        #expect(throws: WebhookVerificationError.signature) { try verify(timestamp: "1614265331") }
        #expect(throws: WebhookVerificationError.signature) { try verify(secrets: []) }
    }

    @Test("a message of another time is refused, five minutes either way")
    func tolerance() throws {
        try verify(now: time + 300)
        try verify(now: time - 300)
        #expect(throws: WebhookVerificationError.tooOld) { try verify(now: time + 301) }
        #expect(throws: WebhookVerificationError.tooNew) { try verify(now: time - 301) }
        #expect(throws: WebhookVerificationError.tooOld) {
            try verify(timestamp: "\(Int64.min)")
        }
        #expect(throws: WebhookVerificationError.tooNew) {
            try verify(timestamp: "\(Int64.max)")
        }
    }

    @Test(
        "a time that is no whole number is refused",
        arguments: ["", "1614265330.0", "+1614265330", "x"])
    func timestamps(text: String) {
        #expect(throws: WebhookVerificationError.timestamp) { try verify(timestamp: text) }
    }
}
