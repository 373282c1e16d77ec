public import QuotaModel

/// Units of one meter that were used: what a bill rests on.
///
/// One posting for each (tenant, id, meter), whatever is retried.
public struct UsageEvent: Hashable, Sendable {
    /// Whose use it is.
    public let tenant: TenantID
    /// The decision or reservation that was booked.
    public let id: String
    /// What is counted.
    public let meter: MeterID
    /// How many units.
    public let units: Int64
    /// The part of `units` that no limit covered.
    public let overage: Int64
    /// The key the use is booked under.
    public let key: APIKeyID
    /// The model.
    public let model: ModelName?
    /// When the use was admitted; it belongs to the period of this instant.
    public let admittedAt: Timestamp
    /// When it was booked.
    public internal(set) var postedAt: Timestamp
    /// The closed period that this late posting belongs to, by its start; nil for ordinary
    /// postings.
    public internal(set) var adjusts: Timestamp?
    /// The caller's idempotency key.
    public let idempotencyKey: ExactString?
    /// The caller's metadata, a JSON object as it was sent.
    public let metadata: String?

    /// Creates an event.
    public init(
        tenant: TenantID,
        id: String,
        meter: MeterID,
        units: Int64,
        overage: Int64,
        key: APIKeyID,
        model: ModelName?,
        admittedAt: Timestamp,
        postedAt: Timestamp,
        adjusts: Timestamp?,
        idempotencyKey: ExactString?,
        metadata: String?
    ) {
        self.tenant = tenant
        self.id = id
        self.meter = meter
        self.units = units
        self.overage = overage
        self.key = key
        self.model = model
        self.admittedAt = admittedAt
        self.postedAt = postedAt
        self.adjusts = adjusts
        self.idempotencyKey = idempotencyKey
        self.metadata = metadata
    }
}
