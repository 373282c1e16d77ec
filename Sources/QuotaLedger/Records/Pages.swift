public import QuotaModel

/// Whose keys are asked for.
public enum KeyOwner: Hashable, Sendable {
    /// Those of all tenants.
    case tenants
    /// Those of one tenant.
    case tenant(TenantID)
    /// Those of the product: service keys.
    case service
}

/// A limit in one period, open or closed.
public struct PeriodRecord: Hashable, Sendable {
    /// Where a period stands in a list: newest start first, then by the limit's name.
    public struct Place: Hashable, Sendable {
        /// The start of the period.
        public let start: Timestamp
        /// The limit's name.
        public let limit: ExactString

        /// Creates a place.
        public init(start: Timestamp, limit: ExactString) {
            self.start = start
            self.limit = limit
        }
    }

    /// The account.
    public let record: AccountRecord
    /// When it was closed; nil while it is not.
    public let closedAt: Timestamp?

    /// Creates a record.
    public init(record: AccountRecord, closedAt: Timestamp?) {
        self.record = record
        self.closedAt = closedAt
    }

    /// Where it stands in a list.
    public var place: Place { Place(start: record.period.start, limit: record.key.limit) }
}

/// Which periods are asked for.
public struct PeriodPage: Hashable, Sendable {
    /// The tenant.
    public let tenant: TenantID
    /// Only of this meter.
    public let meter: MeterID?
    /// Only of this window.
    public let window: Window?
    /// Only after this place.
    public let after: PeriodRecord.Place?
    /// The most rows.
    public let limit: Int

    /// Creates a page.
    public init(
        tenant: TenantID,
        meter: MeterID? = nil,
        window: Window? = nil,
        after: PeriodRecord.Place? = nil,
        limit: Int
    ) {
        self.tenant = tenant
        self.meter = meter
        self.window = window
        self.after = after
        self.limit = limit
    }
}

/// Where a reservation stands in a list: the soonest to expire first, then by id.
public struct ReservationPlace: Hashable, Sendable {
    /// When it expires.
    public let expiresAt: Timestamp
    /// Its id.
    public let id: ReservationID

    /// Creates a place.
    public init(expiresAt: Timestamp, id: ReservationID) {
        self.expiresAt = expiresAt
        self.id = id
    }
}

/// Which sums of usage are asked for.
public struct UsageSumPage: Hashable, Sendable {
    /// What units are summed by, besides the meter.
    public enum Grouping: String, Hashable, Sendable, CaseIterable {
        /// By UTC date.
        case day
        /// By API key.
        case key
        /// By model.
        case model
        /// By the meter alone.
        case meter
        /// By date, key and model, with a tab between them; ids have no control characters.
        case dayKeyModel = "day,key,model"
    }

    /// Where a list goes on.
    public struct Place: Hashable, Sendable {
        /// The last group.
        public let group: String
        /// Its meter.
        public let meter: MeterID

        /// Creates a place.
        public init(group: String, meter: MeterID) {
            self.group = group
            self.meter = meter
        }
    }

    /// The tenant.
    public let tenant: TenantID
    /// The first date.
    public let first: CivilDate
    /// The last date.
    public let last: CivilDate
    /// What units are summed by.
    public let grouping: Grouping
    /// Only of this meter.
    public let meter: MeterID?
    /// Only after this place.
    public let after: Place?
    /// The most rows.
    public let limit: Int

    /// Creates a page.
    public init(
        tenant: TenantID,
        first: CivilDate,
        last: CivilDate,
        grouping: Grouping,
        meter: MeterID? = nil,
        after: Place? = nil,
        limit: Int
    ) {
        self.tenant = tenant
        self.first = first
        self.last = last
        self.grouping = grouping
        self.meter = meter
        self.after = after
        self.limit = limit
    }
}

/// The units of one meter in a group.
public struct UsageGroup: Hashable, Sendable {
    /// The date, key or model; empty for use without a model, and where the meter is the group.
    public let group: String
    /// What is counted.
    public let meter: MeterID
    /// Units and postings.
    public let sum: UsageSum

    /// Creates a group.
    public init(group: String, meter: MeterID, sum: UsageSum) {
        self.group = group
        self.meter = meter
        self.sum = sum
    }
}

/// Which events are asked for.
public struct EventPage: Hashable, Sendable {
    /// Where a list goes on: by admission, then by id and meter.
    public struct Place: Hashable, Sendable {
        /// When the last event was admitted.
        public let admittedAt: Timestamp
        /// Its id.
        public let id: String
        /// Its meter.
        public let meter: MeterID

        /// Creates a place.
        public init(admittedAt: Timestamp, id: String, meter: MeterID) {
            self.admittedAt = admittedAt
            self.id = id
            self.meter = meter
        }
    }

    /// The tenant.
    public let tenant: TenantID
    /// Only those admitted at or after this instant.
    public let start: Timestamp
    /// Only those admitted before this instant.
    public let end: Timestamp
    /// Only of this meter.
    public let meter: MeterID?
    /// Only of this key.
    public let key: APIKeyID?
    /// Only after this place, in the order of the list.
    public let after: Place?
    /// Whether the list begins with the oldest admission, and goes up by id and meter; else it
    /// begins with the newest, and goes down.
    public let isOldestFirst: Bool
    /// The most rows.
    public let limit: Int

    /// Creates a page.
    public init(
        tenant: TenantID,
        start: Timestamp = .distantPast,
        end: Timestamp = .distantFuture,
        meter: MeterID? = nil,
        key: APIKeyID? = nil,
        after: Place? = nil,
        isOldestFirst: Bool = false,
        limit: Int
    ) {
        self.tenant = tenant
        self.start = start
        self.end = end
        self.meter = meter
        self.key = key
        self.after = after
        self.isOldestFirst = isOldestFirst
        self.limit = limit
    }

    /// The same list, from behind an event on.
    package func following(_ event: UsageEvent) -> EventPage {
        EventPage(
            tenant: tenant, start: start, end: end, meter: meter, key: key,
            after: Place(admittedAt: event.admittedAt, id: event.id, meter: event.meter),
            isOldestFirst: isOldestFirst, limit: limit)
    }
}
