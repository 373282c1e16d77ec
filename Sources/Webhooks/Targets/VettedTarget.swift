/// A target whose addresses may all be called, as they were at one moment.
package struct VettedTarget: Hashable, Sendable {
    /// The parts of the URL.
    package let target: WebhookTarget
    /// The addresses of its host, in the order of the resolver; at least one.
    package let addresses: [IPAddress]
}

extension WebhookTarget {
    /// The most addresses of one host.
    static let maximumAddresses = 64

    /// Takes a URL apart and judges the addresses of its host.
    ///
    /// - Parameters:
    ///   - url: the URL.
    ///   - resolver: what knows the addresses.
    ///   - policy: which of them may be called.
    /// - Returns: the target with the addresses to connect to.
    /// - Throws: ``WebhookTargetError`` that says what is wrong and the way out.
    package static func vet(
        _ url: String, resolver: some HostResolver, policy: AddressPolicy
    ) async throws(WebhookTargetError) -> VettedTarget {
        try await WebhookTarget(url).vet(resolver: resolver, policy: policy)
    }

    /// Judges the addresses of the host: each one that the resolver gives, and never the name.
    ///
    /// - Parameters:
    ///   - resolver: what knows the addresses.
    ///   - policy: which of them may be called.
    /// - Returns: the target with the addresses to connect to.
    /// - Throws: ``WebhookTargetError`` that says what is wrong and the way out.
    package func vet(
        resolver: some HostResolver, policy: AddressPolicy
    ) async throws(WebhookTargetError) -> VettedTarget {
        let addresses: [IPAddress]
        do {
            addresses = try await resolver.addresses(of: host)
        } catch {
            throw WebhookTargetError("has a host that can't be found: \(error)", isTransient: true)
        }
        guard !addresses.isEmpty else {
            throw WebhookTargetError("has a host without addresses", isTransient: true)
        }
        guard addresses.count <= Self.maximumAddresses else {
            throw WebhookTargetError("has a host of more than \(Self.maximumAddresses) addresses")
        }
        for address in addresses {
            switch policy.judge(address) {
            case .allowed: break
            case .global where scheme == .https: break
            case .global: throw Self.inTheClear(address)
            case .denied(let special): throw Self.denied(address, special)
            }
        }
        return VettedTarget(target: self, addresses: addresses)
    }

    private static func denied(_ address: IPAddress, _ special: SpecialBlock) -> WebhookTargetError
    {
        WebhookTargetError(
            """
            resolves to \(address), \(special); only public addresses are called, unless the \
            operator of this server allows the block
            """)
    }

    private static func inTheClear(_ address: IPAddress) -> WebhookTargetError {
        WebhookTargetError(
            """
            must begin with https://, since it resolves to \(address); http:// is for blocks of \
            addresses that the operator of this server allows
            """)
    }
}
