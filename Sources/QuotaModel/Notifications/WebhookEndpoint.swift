/// Where notifications are delivered.
public struct WebhookEndpoint: Hashable, Sendable {
    /// Whether it gets anything.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// Deliveries are made.
        case active
        /// Nothing is delivered until it is active again.
        case disabled
    }

    /// The most endpoints there are.
    public static let maximumCount = 100

    /// The id, chosen by the operator.
    public let id: WebhookID
    /// Where deliveries are posted.
    public var url: String
    /// What is delivered; empty for everything that is written.
    ///
    /// The end of each period is written only where somebody names `quota.reset`.
    public var kinds: Set<QuotaNotification.Kind>
    /// The one tenant it is about; nil for all.
    public var tenant: TenantID?
    /// Whether it gets anything.
    public var status: Status
    /// Why it was disabled by itself; nil where it was not.
    public var failure: String?
    /// Which secret signs its deliveries; grows with each rotation.
    public var secretVersion: Int64
    /// The pepper that its secrets are derived from.
    public var pepperVersion: Int64
    /// Until when the secret before signs too; nil where there was no rotation.
    public var previousSecretUntil: Timestamp?
    /// When it was created.
    public let createdAt: Timestamp

    /// Creates an endpoint.
    public init(
        id: WebhookID,
        url: String,
        kinds: Set<QuotaNotification.Kind> = [],
        tenant: TenantID? = nil,
        status: Status = .active,
        failure: String? = nil,
        secretVersion: Int64 = 1,
        pepperVersion: Int64,
        previousSecretUntil: Timestamp? = nil,
        createdAt: Timestamp
    ) {
        self.id = id
        self.url = url
        self.kinds = kinds
        self.tenant = tenant
        self.status = status
        self.failure = failure
        self.secretVersion = secretVersion
        self.pepperVersion = pepperVersion
        self.previousSecretUntil = previousSecretUntil
        self.createdAt = createdAt
    }

    /// Whether it wants to hear of something.
    public func wants(_ kind: QuotaNotification.Kind, of tenant: TenantID?) -> Bool {
        status == .active && (kinds.isEmpty || kinds.contains(kind)) && mayHear(of: tenant)
    }

    /// Whether it may hear of a tenant at all; nil is what tenants share.
    public func mayHear(of tenant: TenantID?) -> Bool {
        self.tenant == nil || self.tenant == tenant
    }
}

/// One notification on its way to one endpoint.
public struct WebhookDelivery: Hashable, Sendable {
    /// How far it has come.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It will be tried.
        case pending
        /// The receiver has taken it.
        case delivered
        /// It was tried as often as it may be.
        case dead
    }

    /// Which delivery.
    public struct ID: Hashable, Sendable, Comparable {
        /// Where to.
        public let endpoint: WebhookID
        /// The number of the notification.
        public let number: Int64

        /// Creates an id.
        public init(endpoint: WebhookID, number: Int64) {
            self.endpoint = endpoint
            self.number = number
        }

        /// Orders by endpoint and number.
        public static func < (left: ID, right: ID) -> Bool {
            (left.endpoint, left.number) < (right.endpoint, right.number)
        }
    }

    /// Which one it is.
    public let id: ID
    /// How far it has come.
    public var state: State
    /// How often it was tried.
    public var attempts: Int
    /// When it is tried next; nil when it is not.
    public var nextAttemptAt: Timestamp?
    /// The status that the receiver answered last.
    public var lastStatus: Int?
    /// What went wrong last.
    public var lastFailure: String?
    /// When something last became of it.
    public var updatedAt: Timestamp

    /// Creates a delivery.
    public init(
        id: ID,
        state: State = .pending,
        attempts: Int = 0,
        nextAttemptAt: Timestamp?,
        lastStatus: Int? = nil,
        lastFailure: String? = nil,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastStatus = lastStatus
        self.lastFailure = lastFailure
        self.updatedAt = updatedAt
    }
}
