/// Why a URL can't be an endpoint's, for people.
package struct WebhookTargetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reason, after the name of the field: `must have no fragment ("#")`.
    package let description: String
    /// Whether the same URL may be good later: its host was not found this time.
    package let isTransient: Bool

    init(_ description: String, isTransient: Bool = false) {
        self.description = description
        self.isTransient = isTransient
    }

    static var noHost: WebhookTargetError {
        WebhookTargetError("must have a host name or an address after https://")
    }
}
