import Logging
import QuotaLedger
import QuotaModel
import QuotaNode
import ServiceLifecycle
import Synchronization
import Webhooks
import WeirHTTP

/// Delivers notifications: to webhook endpoints, and as log lines.
///
/// What has to be delivered is in the ledger, and so is what became of it: a delivery that was
/// under way when the server went down is made again, with the same id.
final class NotificationService: Service {
    /// How often the ledger is asked what is due.
    ///
    /// With the tenth of a second in which use reaches the ledger, a threshold is told of well
    /// within a second.
    static let interval = Duration.milliseconds(200)
    /// How soon it is asked again while there is something to deliver: places get free.
    static let busyInterval = Duration.milliseconds(20)

    let node: QuotaNode
    let sender: WebhookSender
    /// The secrets that sign an endpoint's deliveries now.
    let secrets: @Sendable (WebhookEndpoint, Timestamp) -> [WebhookSecret]
    let random: @Sendable () -> UInt64
    let sleep: @Sendable (Duration) async -> Void
    let logger: Logger

    private let attempts = Mutex(DeliveryAttempts())

    init(
        node: QuotaNode,
        sender: WebhookSender,
        secrets: @escaping @Sendable (WebhookEndpoint, Timestamp) -> [WebhookSecret],
        random: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async -> Void,
        logger: Logger
    ) {
        self.node = node
        self.sender = sender
        self.secrets = secrets
        self.random = random
        self.sleep = sleep
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.deliverAgainAndAgain()
        }
        await sender.shutdown()
    }

    private func deliverAgainAndAgain() async {
        var log = NotificationLog(logger: logger)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                // One node of a fleet delivers, and logs.
                guard node.leads else {
                    await sleep(Self.interval)
                    continue
                }
                var isBusy = false
                do throws(NodeError) {
                    try await log.go(on: node)
                    for due in try await due() {
                        isBusy = true
                        group.addTask { await self.attempt(due.endpoint, due.found) }
                    }
                } catch {
                    logger.warning("notifications can't be read: \(error)")
                }
                await sleep(isBusy ? Self.busyInterval : Self.interval)
            }
            group.cancelAll()
        }
        await log.end(on: node)
    }

    /// A delivery, and where it goes.
    private typealias Due = (endpoint: WebhookEndpoint, found: NotifiedDelivery)

    private func due() async throws(NodeError) -> [Due] {
        let endpoints = try await node.webhooks()
        if endpoints.isEmpty { return [] }
        attempts.withLock { $0.beginReading() }
        let found = try await node.dueDeliveries(
            perEndpoint: 2 * DeliveryAttempts.maximumPerEndpoint)
        let taken = attempts.withLock { $0.take(found, endpoints: endpoints.count) }
        return taken.compactMap { delivery in
            endpoints.first { $0.id == delivery.delivery.id.endpoint }.map { ($0, delivery) }
        }
    }

    private func attempt(_ endpoint: WebhookEndpoint, _ found: NotifiedDelivery) async {
        let delivery = found.delivery
        defer { attempts.withLock { $0.end(delivery.id) } }
        if let withheld = DeliveryAttempts.withheld(found, from: endpoint, at: node.now) {
            return await keep(withheld)
        }
        let notification = found.notification
        guard let message = WebhookMessage(id: notification.id, body: notification.body) else {
            return
        }
        let secrets = secrets(endpoint, node.now)
        // Unsigned it would be taken by those alone who check nothing.
        let result =
            secrets.isEmpty
            ? .failed(DeliveryFailure("the pepper of its secret is gone: rotate the secret"))
            : await sender.send(message, to: endpoint.url, secrets: secrets)
        // What this server gave up itself is no failure of the receiver.
        if Task.isCancelled, case .failed = result { return }
        let report = DeliveryAttempts.report(delivery, result, at: node.now, jitter: random())
        if case .failed(let failure) = result {
            logger.notice(
                "a webhook was not taken",
                metadata: [
                    "webhook": "\(endpoint.id.text)", "id": "\(notification.id)",
                    "attempt": "\(report.delivery.attempts)", "reason": "\(failure.reason)",
                ])
        }
        if let reason = report.disabling {
            logger.warning(
                "a webhook endpoint is disabled",
                metadata: [
                    "webhook": "\(endpoint.id.text)", "id": "\(notification.id)",
                    "reason": "\(reason)",
                ])
        }
        await keep(report)
    }

    private func keep(_ report: DeliveryReport) async {
        do throws(NodeError) { try await node.record(report) } catch {
            // It stays due, and is made again with the same id.
            logger.warning("what became of a webhook can't be kept: \(error)")
        }
    }
}
