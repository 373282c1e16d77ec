public import QuotaCalendar
public import QuotaEngine
public import QuotaModel

/// Ends the current period of a limit now, archives it, and begins one at full capacity.
public struct ResetCommand: Sendable {
    /// Whose limit.
    public let tenant: TenantID
    /// The limit: a budget or a rate.
    public let limit: CompiledLimit
    /// The tenant's periods.
    public let calendar: TenantCalendar

    /// Creates a command.
    public init(tenant: TenantID, limit: CompiledLimit, calendar: TenantCalendar) {
        self.tenant = tenant
        self.limit = limit
        self.calendar = calendar
    }
}

/// The answer to a ``ResetCommand``.
public enum ResetAnswer: Hashable, Sendable {
    /// The period that ended now, where one had begun, and the one that began; both nil for a rate.
    case done(closed: AccountRecord?, opened: AccountRecord?)
    /// The period has only just begun: there is nothing between its start and now.
    case tooSoon
}

/// Says what was used of a grant whose holder fell silent.
public struct ResolveCommand: Sendable {
    /// The grant; the others of its reservation for the same meter end with it.
    public let grant: GrantID
    /// The units that were used.
    public let used: Int64

    /// Creates a command.
    public init(grant: GrantID, used: Int64) {
        self.grant = grant
        self.used = used
    }
}

/// Corrects what a tenant has used of a meter, in its current periods.
public struct AdjustCommand: Sendable {
    /// Whose use.
    public let tenant: TenantID
    /// What is counted.
    public let meter: MeterID
    /// Units to add, or to take back when negative; not 0.
    public let amount: Int64
    /// The budgets of the meter.
    public let demands: [Demand]
    /// The tenant's periods.
    public let calendar: TenantCalendar
    /// The periods of its organization, where that has limits.
    public let organizationCalendar: TenantCalendar?
    /// The id that the correction is booked under, once; it begins with an `a`.
    public let id: String
    /// Why, a JSON object.
    public let metadata: String?

    /// Creates a command.
    public init(
        tenant: TenantID,
        meter: MeterID,
        amount: Int64,
        demands: [Demand],
        calendar: TenantCalendar,
        organizationCalendar: TenantCalendar?,
        id: String,
        metadata: String?
    ) {
        self.tenant = tenant
        self.meter = meter
        self.amount = amount
        self.demands = demands
        self.calendar = calendar
        self.organizationCalendar = organizationCalendar
        self.id = id
        self.metadata = metadata
    }
}

/// The answer to an ``AdjustCommand``.
public enum AdjustAnswer: Hashable, Sendable {
    /// The balances after it, one for each demand; `isNew` is false when it was booked before.
    case done(states: [LimitState], at: Timestamp, isNew: Bool)
    /// No budget has that much use to take back.
    case tooMuch(most: Int64)
    /// The id was used for another correction.
    case idReused
    /// A balance would leave its range: nothing was booked.
    case outOfRange
}

/// Books use that another system counted on a day, once.
public struct ImportUsageCommand: Sendable {
    /// Whose use.
    public let tenant: TenantID
    /// The key it is booked under.
    public let key: APIKeyID
    /// The model it was for, where it is known.
    public let model: ModelName?
    /// What is counted.
    public let meter: Meter
    /// The UTC date.
    public let date: CivilDate
    /// The units.
    public let units: Int64
    /// The last request of the day, where it is known.
    public let lastRequestAt: Timestamp?
    /// The budgets of the meter.
    public let demands: [Demand]
    /// The tenant's periods.
    public let calendar: TenantCalendar
    /// The periods of its organization, where that has limits.
    public let organizationCalendar: TenantCalendar?
    /// The id it is booked under, once; it begins with an `a`.
    public let id: String

    /// Creates a command.
    public init(
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName? = nil,
        meter: Meter,
        date: CivilDate,
        units: Int64,
        lastRequestAt: Timestamp?,
        demands: [Demand],
        calendar: TenantCalendar,
        organizationCalendar: TenantCalendar?,
        id: String
    ) {
        self.tenant = tenant
        self.key = key
        self.model = model
        self.meter = meter
        self.date = date
        self.units = units
        self.lastRequestAt = lastRequestAt
        self.demands = demands
        self.calendar = calendar
        self.organizationCalendar = organizationCalendar
        self.id = id
    }
}
