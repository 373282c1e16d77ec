import QuotaModel

@testable import Webhooks

/// A sender in a test, with what it was given.
struct TestSender {
    static let secrets = [
        WebhookSecret(derivedFrom: [UInt8](repeating: 7, count: 32), endpoint: "end_1", version: 1)
    ]

    let sender: WebhookSender
    let clock: TestClock

    /// Settings under which no attempt ends by its deadline, however busy the machine is.
    static var patient: WebhookSender.Settings {
        var settings = WebhookSender.Settings()
        settings.deadline = .seconds(3_600)
        return settings
    }

    /// Runs `body` with a sender that may call this machine, and shuts it down.
    static func run<Value>(
        _ resolver: any HostResolver = ScriptedResolver(["127.0.0.1"]),
        allowed: [String] = ["127.0.0.0/8"],
        settings: WebhookSender.Settings = TestSender.patient,
        _ body: (TestSender) async throws -> Value
    ) async throws -> Value {
        let clock = TestClock()
        let policy = AddressPolicy(allowed: try allowed.map { try CIDR($0) })
        let sender = WebhookSender(
            settings: settings, policy: policy, resolver: resolver, now: { clock.now })
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(TestSender(sender: sender, clock: clock)))
        } catch {
            result = .failure(error)
        }
        await sender.shutdown()
        return try result.get()
    }

    /// Sends a message.
    func send(_ url: String, id: String = "msg_1", body: String = "{}") async -> DeliveryResult {
        guard let message = WebhookMessage(id: id, body: Array(body.utf8)) else {
            return .failed(DeliveryFailure("the test has no id"))
        }
        return await sender.send(message, to: url, secrets: Self.secrets)
    }
}

extension DeliveryResult {
    /// The failure; nil for a delivery.
    var failure: DeliveryFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}
