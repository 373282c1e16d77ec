import QuotaLedger
import QuotaModel
import Testing
import Webhooks

@testable import WeirServer

/// Which deliveries are attempted, and what is kept of an attempt.
@Suite("Attempts to deliver")
struct DeliveryAttemptsTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func due(
        _ endpoint: String,
        _ number: Int64,
        of tenant: String? = nil,
        attempts: Int = 0
    ) -> NotifiedDelivery {
        let id = WebhookDelivery.ID(endpoint: WebhookID(trusted: endpoint), number: number)
        return NotifiedDelivery(
            delivery: WebhookDelivery(
                id: id, attempts: attempts, nextAttemptAt: now, updatedAt: now),
            notification: QuotaNotification(
                number: number, kind: .exhausted, at: now,
                tenant: tenant.map(TenantID.init(trusted:))))
    }

    @Test("a delivery under way is not taken again, until it is over")
    func once() {
        var attempts = DeliveryAttempts()
        let found = [due("a", 1), due("a", 2)]
        #expect(attempts.take(found, endpoints: 1).count == 2)
        #expect(attempts.take(found, endpoints: 1).isEmpty)
        attempts.end(found[0].delivery.id)
        attempts.end(found[0].delivery.id)
        // What was read before it ended does not know how it ended.
        #expect(attempts.take(found, endpoints: 1).isEmpty)
        attempts.beginReading()
        #expect(attempts.take(found, endpoints: 1).map(\.delivery.id.number) == [1])
    }

    @Test("an endpoint that is another tenant's now gets nothing of the one before")
    func withheld() {
        func report(_ tenant: String?) -> DeliveryReport? {
            let endpoint = WebhookEndpoint(
                id: WebhookID(trusted: "a"), url: "https://example.com/",
                tenant: tenant.map(TenantID.init(trusted:)), pepperVersion: 1, createdAt: now)
            return DeliveryAttempts.withheld(
                due("a", 1, of: "acme", attempts: 2), from: endpoint, at: now)
        }
        #expect(report(nil) == nil)
        #expect(report("acme") == nil)
        #expect(report("beta")?.delivery.state == .dead)
        #expect(report("beta")?.delivery.attempts == 3)
        #expect(report("beta")?.disabling == nil)
    }

    @Test("slow endpoints keep no other waiting", arguments: [2, 16, 17, 50, 100])
    func bounded(endpoints: Int) {
        var attempts = DeliveryAttempts()
        let slow = (1..<endpoints)
            .flatMap { endpoint in
                (1...20).map { due("slow\(endpoint)", $0) }
            }
        let taken = attempts.take(slow, endpoints: endpoints)
        #expect(taken.count >= endpoints - 1)
        #expect(attempts.take(slow, endpoints: endpoints).isEmpty)
        let others = (1...20).map { due("zz", $0) }
        let found = attempts.take(others, endpoints: endpoints)
        #expect((1...DeliveryAttempts.maximumPerEndpoint).contains(found.count))
        #expect(taken.count + found.count <= DeliveryAttempts.maximum)
    }

    @Test("a failure is tried again by the schedule, and dies after the last attempt")
    func retries() {
        var delivery = due("a", 1).delivery
        var waits: [Int64] = []
        while delivery.state == .pending {
            let report = DeliveryAttempts.report(
                delivery, .failed(DeliveryFailure("it answered 500", status: 500)), at: now,
                jitter: 0)
            #expect(report.disabling == nil)
            delivery = report.delivery
            #expect(delivery.lastStatus == 500 && delivery.lastFailure == "it answered 500")
            if let next = delivery.nextAttemptAt {
                waits.append(next.nanoseconds(since: now) / 1_000_000_000)
            }
        }
        #expect(waits == [5, 300, 1_800, 7_200, 18_000, 36_000])
        #expect(delivery.state == .dead && delivery.attempts == 7)
    }

    @Test("a success ends it, and 410 its endpoint as well")
    func ends() {
        let taken = DeliveryAttempts.report(
            due("a", 1, attempts: 3).delivery, .delivered(status: 204), at: now, jitter: .max)
        #expect(taken.delivery.state == .delivered && taken.delivery.attempts == 4)
        #expect(taken.delivery.nextAttemptAt == nil && taken.delivery.lastFailure == nil)
        let gone = DeliveryAttempts.report(due("a", 1).delivery, .gone, at: now, jitter: 0)
        #expect(gone.delivery.state == .dead && gone.delivery.lastStatus == 410)
        #expect(gone.disabling != nil)
    }
}
