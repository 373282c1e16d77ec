package import QuotaModel
package import QuotaNode
package import Webhooks

extension QuotaNode {
    /// The secrets that sign the deliveries to an endpoint, the newest first.
    ///
    /// - Parameters:
    ///   - endpoint: where to.
    ///   - instant: the one before the last rotation is among them until it expires.
    /// - Returns: one or two; none where the pepper is gone that they are derived from.
    package func webhookSecrets(
        of endpoint: WebhookEndpoint,
        at instant: Timestamp
    ) -> [WebhookSecret] {
        guard let pepper = pepper(version: endpoint.pepperVersion) else { return [] }
        var versions = [endpoint.secretVersion]
        if let end = endpoint.previousSecretUntil, end > instant {
            versions.append(endpoint.secretVersion &- 1)
        }
        return versions.map { version in
            WebhookSecret(derivedFrom: pepper.key, endpoint: endpoint.id.text, version: version)
        }
    }
}
