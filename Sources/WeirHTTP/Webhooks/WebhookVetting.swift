package import Webhooks

/// How the URLs of webhook endpoints are judged when they are configured.
public struct WebhookVetting: Sendable {
    private let policy: AddressPolicy
    private let resolver: any HostResolver

    /// Only public addresses may be called, as this system resolves them.
    public init() {
        self.init(policy: AddressPolicy())
    }

    /// Addresses are judged by a policy.
    ///
    /// - Parameters:
    ///   - policy: which addresses may be called.
    ///   - resolver: what knows the addresses of a host.
    package init(policy: AddressPolicy, resolver: any HostResolver = SystemResolver()) {
        self.policy = policy
        self.resolver = resolver
    }

    /// Judges a URL; throws what is wrong with it.
    func check(_ url: String) async throws(WebhookTargetError) {
        _ = try await WebhookTarget.vet(url, resolver: resolver, policy: policy)
    }
}
