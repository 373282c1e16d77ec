import QuotaModel
import Testing

@testable import Webhooks

@Suite("How a delivery ended")
struct DeliveryResultTests {
    @Test("2xx is delivered, 410 is gone, and everything else has failed")
    func statuses() {
        for status in 100...599 {
            let result = DeliveryResult(status: status, retryAfter: "7", now: Timestamp(seconds: 0))
            switch status {
            case 200...299: #expect(result == .delivered(status: status))
            case 410: #expect(result == .gone)
            default:
                #expect(result.failure?.status == status)
                #expect(result.failure?.reason.contains("\(status)") == true)
            }
        }
    }

    @Test("a reason is one line of bounded length without control characters")
    func reasons() {
        let failure = DeliveryFailure("a\r\nb\u{0}c\u{1b}[31m\u{202e}d\u{2028}e\u{7f}")
        #expect(failure.reason == "a??b?c?[31m?d?e?")
        let long = DeliveryFailure(String(repeating: "\u{1f30a}", count: 1_000))
        #expect(long.reason.utf8.count == DeliveryFailure.maximumReasonBytes)
        #expect(
            DeliveryFailure(String(repeating: "xy\u{20ac}", count: 999)).reason.utf8.count <= 400)
    }

    @Test("a body has at most 256 KiB")
    func bodies() {
        #expect(WebhookMessage(id: "a", body: [UInt8](repeating: 0x20, count: 262_144)) != nil)
        #expect(WebhookMessage(id: "a", body: [UInt8](repeating: 0x20, count: 262_145)) == nil)
    }

    @Test("an id of a message is of letters, digits, \"-\" and \"_\"")
    func ids() {
        for id in ["msg_1", "A-z", String(repeating: "x", count: 128)] {
            #expect(WebhookMessage(id: id, body: []) != nil, "\(id)")
        }
        for id in ["", "a.b", "a b", "a\r\nb", "\u{e9}", String(repeating: "x", count: 129)] {
            #expect(WebhookMessage(id: id, body: []) == nil, "\(id)")
        }
    }
}
