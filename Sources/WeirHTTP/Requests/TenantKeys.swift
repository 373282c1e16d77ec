package import QuotaModel
import QuotaNode

/// Finds out whose API key a caller shows, for front doors that have no routes.
package struct TenantKeys: Sendable {
    private let authenticator: Authenticator

    init(_ authenticator: Authenticator) {
        self.authenticator = authenticator
    }

    /// The credential of a request.
    ///
    /// - Parameters:
    ///   - authorization: the field of that name.
    ///   - apiKey: the field `X-API-Key`, which counts where the other is missing.
    /// - Returns: the text; nil when there is none.
    package static func credential(authorization: String?, apiKey: String?) -> String? {
        Authenticator.bearer(authorization) ?? apiKey
    }

    /// A tenant's key that was verified not long ago; nil where somebody has to be asked.
    package func known(_ credential: String?) -> APIKey? {
        guard let credential, let key = authenticator.node.verifiedKey(credential),
            key.tenant != nil
        else { return nil }
        return key
    }

    /// A tenant's key.
    ///
    /// - Parameters:
    ///   - credential: what the caller shows; nil for nothing.
    ///   - address: where the request came from.
    /// - Returns: the key, which may be suspended.
    /// - Throws: the answer to a bad credential, and to one that is no tenant's.
    package func key(_ credential: String?, address: String) async throws(Problem) -> APIKey {
        try await authenticator.tenantKey(credential, address: address)
    }
}
