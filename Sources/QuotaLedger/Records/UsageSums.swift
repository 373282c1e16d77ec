public import QuotaModel

/// The use of a meter by a key and model within an hour.
public struct HourlyUsageKey: Hashable, Sendable {
    /// Whose use it is.
    public let tenant: TenantID
    /// The key.
    public let key: APIKeyID
    /// What is counted.
    public let meter: MeterID
    /// The model.
    public let model: ModelName?
    /// The start of the hour, UTC.
    public let hour: Timestamp

    /// Creates a key.
    public init(
        tenant: TenantID,
        key: APIKeyID,
        meter: MeterID,
        model: ModelName?,
        hour: Timestamp
    ) {
        self.tenant = tenant
        self.key = key
        self.meter = meter
        self.model = model
        self.hour = hour
    }
}

/// Units and the number of postings they came in.
public struct UsageSum: Hashable, Sendable {
    /// Units.
    public var units: Int64
    /// Postings.
    public var postings: Int64

    /// Creates a sum.
    public init(units: Int64 = 0, postings: Int64 = 0) {
        self.units = units
        self.postings = postings
    }
}

/// One day of one API key.
public struct KeyDay: Hashable, Sendable {
    /// The key.
    public let key: APIKeyID
    /// The UTC date.
    public let date: CivilDate
    /// Whose key it is (use without a key is booked under one id for all tenants).
    public let tenant: TenantID

    /// Creates a key.
    public init(key: APIKeyID, date: CivilDate, tenant: TenantID) {
        self.key = key
        self.date = date
        self.tenant = tenant
    }
}

/// The requests of one API key on one day.
public struct KeyDayUsage: Hashable, Sendable {
    /// The key and date.
    public let day: KeyDay
    /// Requests that were admitted.
    public let requestCount: Int64
    /// The last of them.
    public let lastRequestAt: Timestamp

    /// Creates a row.
    public init(day: KeyDay, requestCount: Int64, lastRequestAt: Timestamp) {
        self.day = day
        self.requestCount = requestCount
        self.lastRequestAt = lastRequestAt
    }
}

/// One meter of one tenant on one day.
public struct MeterDay: Hashable, Sendable {
    /// The UTC date.
    public let date: CivilDate
    /// What is counted.
    public let meter: MeterID
    /// Whose use it is.
    public let tenant: TenantID

    /// Creates a key.
    public init(date: CivilDate, meter: MeterID, tenant: TenantID) {
        self.date = date
        self.meter = meter
        self.tenant = tenant
    }
}

/// The units of one meter that a tenant used on one day.
public struct MeterDayUsage: Hashable, Sendable {
    /// The tenant.
    public let tenant: TenantID
    /// The units.
    public let units: Int64
    /// Until when a budget of the meter is used up, as of the last change on that day; nil when
    /// none is.
    public let exceededUntil: Timestamp?

    /// Creates a row.
    public init(tenant: TenantID, units: Int64, exceededUntil: Timestamp?) {
        self.tenant = tenant
        self.units = units
        self.exceededUntil = exceededUntil
    }
}
