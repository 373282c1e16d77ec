package import QuotaModel

// Notifications and their deliveries.
extension MemoryStore {
    package func endpoints() -> [WebhookEndpoint] {
        endpointsByID.values.sorted { $0.id < $1.id }
    }

    package func delivery(_ id: WebhookDelivery.ID) -> WebhookDelivery? { deliveries[id] }

    package func hasNotification(_ number: Int64) -> Bool {
        notifications.contains { $0.number == number }
    }

    package func hasToldEnd(like other: QuotaNotification) -> Bool {
        notifications.contains(where: other.tellsSameEnd(as:))
    }

    package func hasNotifications(before instant: Timestamp) -> Bool {
        notifications.contains { $0.at < instant }
    }

    package func dueReminders(now: Timestamp, limit: Int) -> [Reminder] {
        let due = reminders.filter { $0.at <= now }
        return Array(due.sorted { ($0.at, $0.place) < ($1.at, $1.place) }.prefix(limit))
    }

    /// What is due to each active endpoint.
    func dueDeliveries(at now: Timestamp, perEndpoint: Int) -> [NotifiedDelivery] {
        endpoints().filter { $0.status == .active }
            .flatMap { endpoint in
                let due = deliveries.values.filter {
                    $0.id.endpoint == endpoint.id && $0.state == .pending
                        && $0.nextAttemptAt.map { $0 <= now } ?? false
                }
                let sorted = due.sorted {
                    ($0.nextAttemptAt ?? now, $0.id.number) < (
                        $1.nextAttemptAt ?? now, $1.id.number
                    )
                }
                return sorted.prefix(perEndpoint).compactMap(notified)
            }
    }

    func deliveries(_ page: DeliveryPage) -> [NotifiedDelivery] {
        let found = deliveries.values.filter {
            $0.id.endpoint == page.endpoint && $0.id.number > page.after
                && (page.state == nil || $0.state == page.state)
        }
        return found.sorted { $0.id < $1.id }.prefix(page.limit).compactMap(notified)
    }

    private func notified(_ delivery: WebhookDelivery) -> NotifiedDelivery? {
        notifications.first { $0.number == delivery.id.number }
            .map { NotifiedDelivery(delivery: delivery, notification: $0) }
    }
}

extension Reminder {
    /// Where it stands among those of the same instant.
    fileprivate var place: String {
        switch subject {
        case .override(let id): "o \(id.tenant.text) \(id.meter.text) \(id.window.rawValue)"
        case .trial(let tenant): "t \(tenant.text)"
        }
    }
}
