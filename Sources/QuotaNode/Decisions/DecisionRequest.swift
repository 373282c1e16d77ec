public import QuotaLedger
public import QuotaModel

/// A request for a decision.
public struct DecisionRequest: Sendable {
    /// Units to hold instead of consuming them.
    public struct Hold: Sendable {
        /// How long the reservation waits for word, in milliseconds.
        public let ttlMilliseconds: Int64
        /// What happens then.
        public let onExpiry: Reservation.OnExpiry
        /// Whether nobody asks for the reservation when it has ended, so that its end need not be
        /// kept: what was used is, as always.
        public let isTransient: Bool

        /// Creates a hold.
        public init(
            ttlMilliseconds: Int64,
            onExpiry: Reservation.OnExpiry,
            isTransient: Bool = false
        ) {
            self.isTransient = isTransient
            self.ttlMilliseconds = ttlMilliseconds
            self.onExpiry = onExpiry
        }
    }

    /// Whose limits are asked.
    public var tenant: TenantID
    /// The key that use is booked under; nil when it is not bound to a key.
    public var key: APIKeyID?
    /// The units; the same meter may come more than once.
    public var charges: [Charge]
    /// The model the request is for.
    public var model: ModelName?
    /// The plan of the tenant, if this request creates it.
    public var plan: PlanID?
    /// A JSON object that is kept with the usage.
    public var metadata: String?
    /// Set to hold units instead of consuming them.
    public var hold: Hold?

    /// Creates a request.
    public init(
        tenant: TenantID,
        key: APIKeyID? = nil,
        charges: [Charge],
        model: ModelName? = nil,
        plan: PlanID? = nil,
        metadata: String? = nil,
        hold: Hold? = nil
    ) {
        self.tenant = tenant
        self.key = key
        self.charges = charges
        self.model = model
        self.plan = plan
        self.metadata = metadata
        self.hold = hold
    }
}

/// A decision, with the reservation that it made.
public struct DecisionOutcome: Sendable {
    /// The decision.
    public let decision: Decision
    /// The reservation; nil for consumption and refusals.
    public let reservation: Reservation?
}

/// An idempotency key with what it stands for.
public struct IdempotencyRequest: Sendable {
    /// The caller's key.
    public let key: ExactString
    /// SHA-256 of what is asked.
    public let fingerprint: [UInt8]
    /// Turns the outcome into the answer that repeats get too.
    public let encode: @Sendable (DecisionOutcome) -> StoredAnswer

    /// Creates a request.
    public init(
        key: ExactString,
        fingerprint: [UInt8],
        encode: @escaping @Sendable (DecisionOutcome) -> StoredAnswer
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.encode = encode
    }
}

/// The answer to a request for a decision.
public enum DecisionAnswer: Sendable {
    /// Decided now; with the stored answer when the request was idempotent and admitted.
    case decided(DecisionOutcome, stored: StoredAnswer?)
    /// Decided now, as one of several, where nobody else was needed.
    case immediate(ImmediateDecision)
    /// Decided before, under the same idempotency key.
    case replayed(StoredAnswer)
}
