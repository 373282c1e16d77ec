import QuotaLedger
import QuotaModel
import Webhooks

/// Which deliveries are attempted now, and what is kept of an attempt.
///
/// Pure: due deliveries and results in, attempts and reports out.
struct DeliveryAttempts {
    /// The most attempts to one endpoint at a time, be it alone.
    static let maximumPerEndpoint = 8
    /// The most attempts at a time.
    static let maximum = WebhookSender.maximumConnections

    private(set) var underWay: Set<WebhookDelivery.ID> = []
    private var perEndpoint: [WebhookID: Int] = [:]
    /// Those that ended since the ledger was last asked: what it answers may not know of it.
    private var ended: Set<WebhookDelivery.ID> = []

    /// Notes that the ledger is about to be asked what is due; it knows all that has ended by now.
    mutating func beginReading() { ended = [] }

    /// Takes those of the due deliveries that can be attempted now.
    ///
    /// - Parameters:
    ///   - due: the deliveries.
    ///   - endpoints: how many endpoints there are: each has its share of the places, so that slow
    ///     ones keep no other waiting.
    /// - Returns: those that are under way from now on.
    mutating func take(_ due: [NotifiedDelivery], endpoints: Int) -> [NotifiedDelivery] {
        let share = max(1, min(Self.maximumPerEndpoint, Self.maximum / max(1, endpoints)))
        return due.filter { found in
            let id = found.delivery.id
            guard underWay.count < Self.maximum,
                perEndpoint[id.endpoint, default: 0] < share,
                !ended.contains(id), underWay.insert(id).inserted
            else { return false }
            perEndpoint[id.endpoint, default: 0] += 1
            return true
        }
    }

    /// Notes that an attempt is over.
    mutating func end(_ id: WebhookDelivery.ID) {
        guard underWay.remove(id) != nil else { return }
        ended.insert(id)
        let left = perEndpoint[id.endpoint, default: 1] - 1
        perEndpoint[id.endpoint] = left == 0 ? nil : left
    }

    /// What is kept of a delivery that must not be made: its endpoint was given to another tenant
    /// since; nil when it may be made.
    static func withheld(
        _ found: NotifiedDelivery,
        from endpoint: WebhookEndpoint,
        at now: Timestamp
    ) -> DeliveryReport? {
        if endpoint.mayHear(of: found.notification.tenant) { return nil }
        var after = found.delivery
        after.attempts += 1
        after.updatedAt = now
        after.nextAttemptAt = nil
        after.state = .dead
        after.lastStatus = nil
        after.lastFailure = "the endpoint is another tenant's now"
        return DeliveryReport(delivery: after)
    }

    /// What is kept of an attempt.
    static func report(
        _ delivery: WebhookDelivery,
        _ result: DeliveryResult,
        at now: Timestamp,
        jitter: UInt64
    ) -> DeliveryReport {
        var after = delivery
        after.attempts += 1
        after.updatedAt = now
        after.nextAttemptAt = nil
        switch result {
        case .delivered(let status):
            after.state = .delivered
            after.lastStatus = status
            after.lastFailure = nil
            return DeliveryReport(delivery: after)
        case .gone:
            after.state = .dead
            after.lastStatus = 410
            after.lastFailure = "the receiver answered 410: it is gone"
            return DeliveryReport(delivery: after, disabling: after.lastFailure)
        case .failed(let failure):
            after.lastStatus = failure.status
            after.lastFailure = failure.reason
            after.nextAttemptAt = RetrySchedule.next(
                afterAttempt: after.attempts, failedAt: now,
                retryAfterSeconds: failure.retryAfterSeconds, jitter: jitter)
            if after.nextAttemptAt == nil { after.state = .dead }
            return DeliveryReport(delivery: after)
        }
    }
}
